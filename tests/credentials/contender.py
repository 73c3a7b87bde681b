"""A process that changes one credential under the lock: `contender DATA STATE AUTHORITY TIMES`.

It reads the generation, waits a moment and writes the next one. With TIMES 0 it prints `held` while
it has the lock, and keeps that until it is ended.
"""

import sys
import time
from pathlib import Path

from contctl.backends.credential_stores import CredentialStoreChoice
from contctl.core.domain.credentials import Credential, StoreKind
from contctl.core.domain.secret import Secret


def contend(stores: CredentialStoreChoice, authority: str, times: int) -> None:
    store = stores.choose(None, authority)
    for _ in range(times):
        with stores.exclusive():
            kept = store.read(authority)
            generation = kept.generation if kept else 0
            time.sleep(0.01)
            store.write(authority, Credential(Secret("a"), Secret("r"), generation + 1))
    if times == 0:
        with stores.exclusive():
            print("held", flush=True)
            time.sleep(120)


if __name__ == "__main__":
    data, state, name, count = sys.argv[1:]
    choice = CredentialStoreChoice(
        {}, Path(data), Path(state), StoreKind.FILE, interactive=False, lock_wait=60
    )
    contend(choice, name, int(count))
