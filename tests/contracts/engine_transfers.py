"""Archives and images."""

import io
import itertools
import stat
import tarfile
from collections.abc import Iterator

import pytest

from contctl.core.domain.create import CreateSpec
from contctl.core.domain.images import ImageQuery
from contctl.core.domain.streams import ExecSpec
from contctl.core.domain.transfers import CommitSpec, PullOptions, PutOptions
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.bounded import closing_after, talk
from tests.contracts.engine_basics import IDLE, IMAGE, EngineBasics, Workshop, needs, tar_of, unique


class TransferContract(EngineBasics):
    @needs("put_archive", "get_archive", "exec")
    def test_what_is_put_can_be_got(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        content = b"0123456789" * 20_000
        tar = tar_of(data=content)
        pieces = (tar[at : at + 5000] for at in range(0, len(tar), 5000))
        engine.put_archive(made, "/tmp", pieces)
        with closing_after(engine.get_archive(made, "/tmp/data")) as stream:
            got = b"".join(stream)
        with tarfile.open(fileobj=io.BytesIO(got)) as found:
            member = found.extractfile("data")
            assert member is not None
            assert member.read() == content
        assert talk(engine.exec(made, ExecSpec(("cat", "/tmp/data"))))[0] == content

    @needs("put_archive", "stat")
    def test_what_is_at_a_path(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        engine.put_archive(made, "/tmp", [tar_of(data=b"12345")], PutOptions(True, True))
        file, folder = engine.stat(made, "/tmp/data"), engine.stat(made, "/tmp")
        assert (file.name, file.size, file.link_target) == ("data", 5, "")
        assert stat.S_ISREG(file.mode)
        assert stat.S_ISDIR(folder.mode)

    @needs("put_archive", "export")
    def test_an_export(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        engine.put_archive(made, "/tmp", [tar_of(data=b"12345")])
        with closing_after(engine.export(made)) as stream:
            got = b"".join(stream)
        with tarfile.open(fileobj=io.BytesIO(got)) as found:
            member = found.extractfile("tmp/data")
            assert member is not None
            assert member.read() == b"12345"

    @needs("commit")
    def test_a_commit(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE, labels={"team": "shop"}, request="canary")
        name = unique("committed")
        spec = CommitSpec(name, "why", "who", False, ("LABEL made=here", "CMD echo x"))
        assert engine.commit(made, spec).startswith("sha256:")
        labels = engine.image_labels(name)
        assert (labels["team"], labels["contctl.request"]) == ("shop", "")
        workshop.keep(engine.create(CreateSpec(name), "r").id)
        assert engine.commit(made, CommitSpec(pause=True)).startswith("sha256:")
        with pytest.raises(ContctlError) as caught:
            engine.commit(made, CommitSpec(changes=("FOO x",)))
        assert caught.value.code is ErrorCode.USAGE

    @needs("stat", "get_archive", "put_archive")
    def test_a_path_that_is_not_there(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        large = itertools.repeat(b"\0" * 65536, 64)
        for attempt in (
            lambda: engine.stat(made, "/nosuch/path"),
            lambda: engine.get_archive(made, "/nosuch/path"),
            lambda: engine.put_archive(made, "/nosuch/path", iter([tar_of(x=b"")])),
            lambda: engine.put_archive(made, "/nosuch/path", large),
        ):
            with pytest.raises(ContctlError) as caught:
                attempt()
            assert (caught.value.code, caught.value.reason) == (ErrorCode.NOT_FOUND, "no-path")

    @needs("put_archive")
    def test_the_senders_own_error_passes(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)

        def broken() -> Iterator[bytes]:
            yield tar_of(x=b"1")[:512]
            raise FileNotFoundError("the sender's")

        with pytest.raises(FileNotFoundError, match="the sender's"):
            engine.put_archive(made, "/tmp", broken())

    @needs("list_images")
    def test_images_are_listed(self, engine: Engine) -> None:
        named = ImageQuery(filters=(("reference", IMAGE),))
        (image,) = engine.list_images(named)
        assert IMAGE in image.tags
        assert image.id.startswith("sha256:")
        assert image.created > 0
        assert image.size > 0
        assert (image.shared_size, image.containers) == (None, None)
        assert image in engine.list_images(ImageQuery(all=True))
        assert engine.list_images(ImageQuery(filters=(("reference", "no-such-image"),))) == ()
        with pytest.raises(ContctlError) as caught:
            engine.list_images(ImageQuery(filters=(("bogus", "1"),)))
        assert caught.value.code is ErrorCode.USAGE

    @needs("pull")
    def test_pull(self, engine: Engine, workshop: Workshop, pullable_image: str) -> None:
        options = PullOptions(platform="linux/amd64")
        with closing_after(engine.pull(pullable_image, None, options)) as stream:
            progress = list(stream)
        assert any(line.layer for line in progress)
        assert progress[-1].layer == ""
        assert pullable_image in progress[-1].status
        workshop.keep(engine.create(CreateSpec(pullable_image), "r").id)

    @needs("pull")
    def test_pull_of_what_no_registry_has(self, engine: Engine, absent_image: str) -> None:
        with pytest.raises(ContctlError) as caught:
            list(engine.pull(absent_image, None))
        assert (caught.value.code, caught.value.reason) == (ErrorCode.NOT_FOUND, "no-image")
