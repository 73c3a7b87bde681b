"""Names of images as registries have them, and what is said of a wrong one."""

import pytest

from contctl.core.domain.image_names import ImageName, parse_image_name
from contctl.core.errors import ContctlError, ErrorCode

DIGEST = "sha256:" + "0123456789abcdef" * 4
FORMAT = "invalid reference format"
LONG = "repository name must not be more than 255 characters"


@pytest.mark.parametrize(
    ("text", "name", "full"),
    [
        ("shop", ImageName("docker.io", "library/shop"), "docker.io/library/shop"),
        ("shop:1", ImageName("docker.io", "library/shop", "1"), "docker.io/library/shop:1"),
        ("me/shop", ImageName("docker.io", "me/shop"), "docker.io/me/shop"),
        ("me/a/b", ImageName("docker.io", "me/a/b"), "docker.io/me/a/b"),
        ("docker.io/shop", ImageName("docker.io", "library/shop"), "docker.io/library/shop"),
        ("index.docker.io/shop", ImageName("docker.io", "library/shop"), "docker.io/library/shop"),
        ("index.docker.io/me/x", ImageName("docker.io", "me/x"), "docker.io/me/x"),
        ("localhost/shop", ImageName("localhost", "shop"), "localhost/shop"),
        ("quay.example/shop", ImageName("quay.example", "shop"), "quay.example/shop"),
        ("host:5000/shop", ImageName("host:5000", "shop"), "host:5000/shop"),
        ("host:5000/a/b:1.2", ImageName("host:5000", "a/b", "1.2"), "host:5000/a/b:1.2"),
        ("Host/shop", ImageName("Host", "shop"), "Host/shop"),
        ("[::1]:5000/shop", ImageName("[::1]:5000", "shop"), "[::1]:5000/shop"),
        (
            f"shop@{DIGEST}",
            ImageName("docker.io", "library/shop", digest=DIGEST),
            f"docker.io/library/shop@{DIGEST}",
        ),
        (
            f"host:1/shop:1@{DIGEST}",
            ImageName("host:1", "shop", "1", DIGEST),
            f"host:1/shop:1@{DIGEST}",
        ),
        ("a" * 237, ImageName("docker.io", "library/" + "a" * 237), None),
        ("host.x/" + "a" * 248, ImageName("host.x", "a" * 248), None),
        ("a:" + "t" * 128, ImageName("docker.io", "library/a", "t" * 128), None),
        ("0" * 63, ImageName("docker.io", "library/" + "0" * 63), None),
    ],
)
def test_names(text: str, name: ImageName, full: str | None) -> None:
    assert parse_image_name(text) == name
    if full is not None:
        assert name.full == full


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "0" * 64,
            f"invalid repository name ({'0' * 64}), cannot be 64 hexadecimal characters",
        ),
        ("Shop", f"{FORMAT}: repository name (library/Shop) must be lowercase"),
        ("me/Shop:1", f"{FORMAT}: repository name (me/Shop) must be lowercase"),
        ("", FORMAT),
        ("shop:", FORMAT),
        ("shop:a b", FORMAT),
        ("shop:-1", FORMAT),
        ("a:" + "t" * 129, FORMAT),
        ("shop@", FORMAT),
        ("shop@sha256:0", FORMAT),
        (f"shop@{DIGEST}x", FORMAT),
        (f"shop@x@{DIGEST}", FORMAT),
        ("/shop", FORMAT),
        ("shop/", FORMAT),
        ("a//b", FORMAT),
        ("-host.x/shop", FORMAT),
        ("host.x:a/shop", FORMAT),
        ("shop\n", FORMAT),
        ("a" * 238, LONG),
        ("host.x/" + "a" * 249, LONG),
    ],
)
def test_what_is_no_name(text: str, message: str) -> None:
    with pytest.raises(ContctlError) as caught:
        parse_image_name(text)
    error = caught.value
    assert (error.code, error.message, error.hint) == (ErrorCode.USAGE, message, None)
