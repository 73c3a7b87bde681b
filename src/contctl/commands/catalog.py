"""All commands: where each lives and what it is for. Nothing else is imported to list them."""

from contctl.commands.lazy import Entry, Group

_CONTAINER = (
    Entry("attach", "container.attach", "Join the main process of a running container", True),
    Entry("commit", "container.commit", "Make an image of a container"),
    Entry("create", "container.create", "Make a container without starting it", False, True),
    Entry("cp", "container.cp", "Copy files between a container and this machine"),
    Entry("diff", "container.diff", "Show which files of a container differ from its image"),
    Entry("exec", "container.exec", "Run a process in a running container", True, True),
    Entry("export", "container.export", "Write a container's files as a tar archive"),
    Entry("inspect", "container.inspect", "Show what the engine knows of containers"),
    Entry("kill", "container.kill", "Send a signal to running containers"),
    Entry("logs", "container.logs", "Show what containers have written"),
    Entry("pause", "container.pause", "Freeze all processes of containers"),
    Entry("port", "container.port", "Show where the ports of a container are published"),
    Entry("rename", "container.rename", "Give a container another name"),
    Entry("restart", "container.restart", "Stop containers and start them again"),
    Entry("rm", "container.rm", "Remove containers"),
    Entry("run", "container.run", "Make a container and start it", True, True),
    Entry("start", "container.start", "Start stopped containers"),
    Entry("stats", "container.stats", "Show what containers use"),
    Entry("stop", "container.stop", "Stop running containers"),
    Entry("top", "container.top", "Show the processes of a container", options_first=True),
    Entry("unpause", "container.unpause", "Let the processes of paused containers go on"),
    Entry("update", "container.update", "Change what containers may use"),
    Entry("wait", "container.wait", "Wait until containers stop, and print their exit codes"),
)
_IMAGES = Entry("images", "images", "List images")
_LIST = "container.ls"
_LIST_SUMMARY = "List containers"
_GROUP_ONLY = (
    Entry("ls", _LIST, _LIST_SUMMARY),
    Entry("prune", "container.prune", "Remove all stopped containers"),
)

SECTIONS: dict[str, tuple[Entry | Group, ...]] = {
    "Session": (
        Entry("init", "session.init", "Make the user database and its first admin"),
        Entry("login", "session.login", "Begin a session"),
        Entry("refresh", "session.refresh", "Renew the session's tokens"),
        Entry("logout", "session.logout", "End the session and forget its tokens"),
        Entry("whoami", "session.whoami", "Print the name of the logged-in user"),
        Group(
            "session",
            "See and end sessions",
            (
                Entry("ls", "session.ls", "List live sessions"),
                Entry("revoke", "session.revoke", "End sessions at once"),
            ),
        ),
        Group(
            "auth",
            "Show the session, and what it may do",
            (
                Entry("can-i", "auth.can_i", "Ask whether something may be done"),
                Entry(
                    "print-access-token",
                    "auth.print_access_token",
                    "Print the session's access token",
                ),
                Entry("status", "auth.status", "Show who is logged in, and for how long"),
            ),
        ),
    ),
    "Containers": (
        Entry("ps", _LIST, _LIST_SUMMARY),
        *_CONTAINER,
        Entry("pull", "container.pull", "Fetch an image from a registry"),
        _IMAGES,
        Entry("events", "events", "Show what happens to containers, as it happens"),
        Group(
            "container",
            "Work with containers",
            tuple(sorted((*_CONTAINER, *_GROUP_ONLY), key=lambda entry: entry.name)),
            aliases=(("list", "ls"), ("ps", "ls"), ("remove", "rm")),
        ),
    ),
    "Accounts": (
        Group(
            "user",
            "Manage accounts",
            (
                Entry("add", "user.add", "Make an account"),
                Entry("disable", "user.disable", "Lock an account out, and end its sessions"),
                Entry("enable", "user.enable", "Let a disabled account in again"),
                Entry("grant", "user.grant", "Give a user a role"),
                Entry("ls", "user.ls", "List the accounts"),
                Entry("passwd", "user.passwd", "Change a password"),
                Entry("revoke", "user.revoke", "Take a grant away"),
                Entry("rm", "user.rm", "Delete an account"),
                Entry("show", "user.show", "Show an account"),
                Entry("unlock", "user.unlock", "Let a user log in again without a delay"),
            ),
        ),
        Group(
            "token",
            "Manage tokens for CI jobs and scripts",
            (
                Entry("create", "token.create", "Make a token for a CI job or a script"),
                Entry("ls", "token.ls", "List the tokens that are good"),
                Entry("revoke", "token.revoke", "End tokens at once"),
            ),
        ),
        Group(
            "audit",
            "Read and check the audit log",
            (
                Entry("export", "audit.export", "Print the whole audit log as JSON Lines"),
                Entry("head", "audit.head", "Print an anchor of the newest record"),
                Entry("ls", "audit.ls", "List what was done, tried and refused"),
                Entry("rotate", "audit.rotate", "Seal the log so far, and begin a new segment"),
                Entry("tail", "audit.tail", "Show the newest records, and those to come"),
                Entry("verify", "audit.verify", "Check that nobody changed the audit log"),
            ),
        ),
    ),
    "Places": (
        Group(
            "context",
            "Choose where commands go: an engine, or a gateway",
            (
                Entry("create", "context.create", "Name an engine or a gateway"),
                Entry("inspect", "context.inspect", "Show all about a context"),
                Entry("ls", "context.ls", "List the contexts, contctl's own and docker's"),
                Entry("rm", "context.rm", "Forget contexts"),
                Entry("show", "context.show", "Print the name of the current context"),
                Entry("use", "context.use", "Choose the context of commands that name none"),
            ),
        ),
    ),
    "Installation": (
        Entry("doctor", "doctor", "Check this installation"),
        Group(
            "gateway",
            "Serve this host's containers to others",
            (
                Entry("install", "gateway.install", "Install the gateway on this host"),
                Entry("serve", "gateway.serve", "Serve this host's containers over HTTP"),
            ),
        ),
        Group(
            "key",
            "Look after the signing keys",
            (Entry("rotate", "key.rotate", "Sign tokens with a new key"),),
        ),
        Group(
            "store",
            "Look after the user database",
            (
                Entry("backup", "store.backup", "Copy the user database into a new file"),
                Entry("check", "store.check", "Check the user database, its files and its keys"),
                Entry("recover-admin", "store.recover_admin", "Reset the password of an admin"),
            ),
        ),
    ),
}
