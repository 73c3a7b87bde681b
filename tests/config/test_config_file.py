"""config.toml: what is refused, and what the error says."""

from pathlib import Path

import pytest

from contctl.backends.config_file import load_settings
from contctl.core.domain.settings import Settings
from contctl.core.errors import ContctlError, ErrorCode


def refused(path: Path) -> ContctlError:
    """The ContctlError STORE of loading `path`; it is one line and names the file."""
    with pytest.raises(ContctlError) as caught:
        load_settings(path)
    error = caught.value
    assert error.code is ErrorCode.STORE
    assert error.message.isprintable()
    assert str(path.parent) in error.message
    return error


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.toml") == Settings()
    assert load_settings(tmp_path / "nowhere" / "config.toml") == Settings()


def test_a_link_to_nothing_is_not_an_absent_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(tmp_path / "nowhere.toml")
    error = refused(path)
    assert error.message == f"{path} is a link to what is not there"
    assert error.hint == "repair or remove the link"
    (tmp_path / "nowhere.toml").write_text("[password]\nmin_length = 20\n")
    assert load_settings(path).min_password_length == 20


def test_a_folder_that_is_a_link_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "contctl").symlink_to(tmp_path / "nowhere")
    assert refused(tmp_path / "contctl" / "config.toml").hint == "repair or remove the link"
    (tmp_path / "nowhere").mkdir()
    assert load_settings(tmp_path / "contctl" / "config.toml") == Settings()


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"[session]\nttl = 1\n", "unknown key 'session.ttl'", "access_ttl, refresh_absolute"),
        (b"[password]\nmin = 1\n", "unknown key 'password.min'", "[password] are min_length"),
        (b"[passwords]\n", "unknown key 'passwords'", "[session], [password], [credentials]"),
        (b"session = 1\n", "unknown key 'session'", "[session], [password], [credentials]"),
        (b"[password]\nmin_length =\n", "is not TOML", "at line 2"),
        (b"[session]\n\n\naccess_ttl = \xff\n", "is not UTF-8", "(at line 4)"),
        (b"a = " + b"[" * 5000, "is not TOML", ""),
    ],
)
def test_the_error_names_the_line_or_the_keys(
    tmp_path: Path, content: bytes, message: str, hint: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    path.chmod(0o600)
    error = refused(path)
    assert message in error.message
    assert hint in f"{error.message} {error.hint}"
