"""The guards that are switched off, one by one, to see their tests fail."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """name: what it keeps off.  file: where it stands, under src/contctl.  text: what it reads.
    without: what stands there instead when it is switched off.  tests: what has to fail then."""

    name: str
    file: str
    text: str
    without: str
    tests: str


GUARDS = (
    Guard(
        "a token's signature",
        "backends/jwt.py",
        "if not hmac.compare_digest(expected, signature):",
        "if False:",
        "tests/tokens/test_hostile.py",
    ),
    Guard(
        "a token's kind",
        "backends/jwt.py",
        'or header["typ"] != _TYPES[kind]',
        "",
        "tests/tokens/test_hostile.py",
    ),
    Guard(
        "a refresh token that was used before",
        "core/domain/sessions.py",
        "    return Verdict.REVOKE",
        "    return Verdict.REDELIVER",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "a disabled user",
        "core/services/authority.py",
        "if identity is None or not identity.user.enabled:",
        "if identity is None:",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "an engine's TCP port in the clear",
        "core/domain/engine_addresses.py",
        'raise _wrong(address, "without --tls FOLDER anybody on the way could read and change it")',
        "return host",
        "tests/domain/test_engine_addresses.py",
    ),
    Guard(
        "links in the place of files",
        "backends/files.py",
        "return _read(path, limit, os.O_NOFOLLOW, _check_plain_file)",
        "return _read(path, limit, 0, _check_plain_file)",
        "tests/files",
    ),
    Guard(
        "files that others may read",
        "backends/files.py",
        "if found.st_mode & 0o077:",
        "if False:",
        "tests/files",
    ),
    Guard(
        "the last admin",
        "backends/sqlite/users.py",
        "if list(enabled_admins) == [row.id]:",
        "if False:",
        "tests/contracts/test_sqlite.py",
    ),
    Guard(
        "two writers at once",
        "backends/sqlite/transactions.py",
        'sqlite_begin="BEGIN IMMEDIATE"',
        'sqlite_begin="BEGIN"',
        "tests/sqlite/test_concurrency.py",
    ),
    Guard(
        "a planted hash that costs minutes",
        "backends/argon2.py",
        "if memory > MAX_MEMORY or passes > MAX_PASSES or lanes > MAX_LANES:",
        "if False:",
        "tests/credentials/test_passwords.py::TestArgon2Hasher::test_a_planted_hash_is_refused_before_it_costs_anything[4]",
    ),
    Guard(
        "containers out of scope",
        "core/services/reach.py",
        "if sees(self._grants, self.subject(each))",
        "if True",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "a label of another team's scope",
        "core/services/creation.py",
        "    if key is None:",
        "    if True:",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "a change that cannot be recorded",
        "core/services/container_changes.py",
        "        intents = self._recorder.intents(caller, deeds)",
        "        intents = range(len(deeds))",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "environment values in an inspect",
        "core/domain/containers.py",
        'if not with_environment and config.get("Env"):',
        "if False:",
        "tests/domain/test_references.py",
    ),
    Guard(
        "the inside of a dangerous container",
        "core/services/danger.py",
        "if reach.refusal(Permission.CREATE_PRIVILEGED, subject) is None:",
        "if True:",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "a token that is wider than its owner",
        "core/domain/grants.py",
        "role=narrower(grant.role, role),",
        "role=role,",
        "tests/domain tests/services/test_services_in_memory.py",
    ),
    Guard(
        "a CI token that makes credentials",
        "core/services/access.py",
        "        if caller.token_id:\n            self.denied(caller, deed)",
        "        if False:\n            self.denied(caller, deed)",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "brute force",
        "core/services/passwords.py",
        "        if not may:",
        "        if False:",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "a time that tells which users are there",
        "core/services/passwords.py",
        "verified = self._hasher.verify(stored or self._hasher.decoy(), password)",
        "verified = stored is not None and self._hasher.verify(stored, password)",
        "tests/services",
    ),
    Guard(
        "common passwords",
        "core/services/password_rules.py",
        "        check_guessable(password, username, self._ports.blocklist.contains)\n",
        "",
        "tests/services/test_services_in_memory.py",
    ),
    Guard(
        "audit records that were changed",
        "core/domain/audit_check.py",
        "            if head != link[-1]:",
        "            if False:",
        "tests/domain/test_audit_chain.py tests/services/test_audit.py",
    ),
    Guard(
        "seals that were changed",
        "core/domain/audit_check.py",
        'head == segment.head and hmac.compare_digest(chain.seal(segment), segment.seal or b"")',
        "True",
        "tests/domain tests/audit tests/sqlite/test_audit_log.py",
    ),
    Guard(
        "a role that was taken away under a running stream",
        "core/services/standing.py",
        "        if refusal is not None:",
        "        if False:",
        "tests/services/test_supervision.py",
    ),
    Guard(
        "a session that ended under a running stream",
        "core/services/standing.py",
        "        or sessions.is_over(identity.session, now)\n",
        "",
        "tests/services/test_supervision.py",
    ),
    Guard(
        "a user who was disabled before the last of many targets",
        "core/services/actions.py",
        "        still()\n",
        "",
        "tests/services/test_supervision.py::TestActions",
    ),
    Guard(
        "control characters on a terminal",
        "commands/output/terminal.py",
        'escaped(text, keep="\\n\\t") if self.stdout_is_tty else text',
        "text",
        "tests/commands/test_hostile_text.py",
    ),
    Guard(
        "a network file system under the store",
        "backends/sqlite/network.py",
        "    if kind in _NETWORK:",
        "    if False:",
        "tests/sqlite/test_network.py",
    ),
    Guard(
        "links that a container's archive holds",
        "commands/container/unpacking.py",
        "_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW",
        "_FOLDER = os.O_RDONLY | os.O_DIRECTORY",
        "tests/commands/test_unpacking.py",
    ),
)
