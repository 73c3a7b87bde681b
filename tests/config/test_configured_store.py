"""The credential store that `config.toml` names, found without reading what is not there."""

from pathlib import Path

import pytest

from contctl.backends.config_file import load_settings
from contctl.backends.configured_store import configured_store
from contctl.core.domain.credentials import StoreKind
from contctl.core.errors import ContctlError


def test_without_a_file_it_is_the_default_of_the_settings(tmp_path: Path) -> None:
    for path in (tmp_path / "config.toml", tmp_path / "absent" / "config.toml"):
        assert configured_store(path) is load_settings(path).credential_store


@pytest.mark.parametrize("kind", StoreKind)
def test_a_file_names_it(tmp_path: Path, kind: StoreKind) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[credentials]\nstore = "{kind}"\n')
    path.chmod(0o600)
    assert configured_store(path) is kind is load_settings(path).credential_store


def _link_to_nothing(folder: Path) -> Path:
    (folder / "config.toml").symlink_to(folder / "nothing")
    return folder / "config.toml"


def _folder_that_leads_nowhere(folder: Path) -> Path:
    (folder / "contctl").symlink_to(folder / "nothing")
    return folder / "contctl" / "config.toml"


def _folder_that_is_a_file(folder: Path) -> Path:
    (folder / "contctl").touch()
    return folder / "contctl" / "config.toml"


def _others_may_write(folder: Path) -> Path:
    path = folder / "config.toml"
    path.touch()
    path.chmod(0o666)
    return path


def _unknown_key(folder: Path) -> Path:
    path = folder / "config.toml"
    path.write_text("[sesion]\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "make",
    [
        _link_to_nothing,
        _folder_that_leads_nowhere,
        _folder_that_is_a_file,
        _others_may_write,
        _unknown_key,
    ],
)
def test_what_the_settings_refuse_is_refused_alike(tmp_path: Path, make: object) -> None:
    assert callable(make)
    path = make(tmp_path)
    with pytest.raises(ContctlError) as expected:
        load_settings(path)
    with pytest.raises(ContctlError) as found:
        configured_store(path)
    assert str(found.value) == str(expected.value)
