"""What contctl must withstand, item by item, and the tests that are named for it.

The words are those of the security document; a test is a file's name and a function's. A new attack
gets a new item or joins one; `test_every_line_is_covered` holds the table to the tests.
"""

Items = dict[str, tuple[str, ...]]

TOKENS: Items = {
    "none/other algorithms": ("test_tokens::test_none_and_other_algorithms",),
    "key confusion": ("test_tokens::test_key_confusion",),
    "kid as path or SQL": ("test_tokens::test_kid_as_a_path_or_sql",),
    "embedded keys": ("test_tokens::test_embedded_keys",),
    "swapped kinds": ("test_tokens::test_swapped_kinds",),
    "every claim missing": ("test_tokens::test_every_claim_missing",),
    "wrong": ("test_tokens::test_every_claim_wrong",),
    "expired": ("test_tokens::test_an_expired_token",),
    "early": ("test_tokens::test_an_early_token",),
    "of another type": ("test_tokens::test_every_claim_of_another_type",),
    "cut at each byte": (
        "test_tokens::test_a_token_cut_at_each_byte",
        "test_tokens::test_a_credential_file_cut_at_each_byte",
    ),
    "padded": ("test_tokens::test_a_padded_token",),
    "huge": ("test_tokens::test_a_huge_token",),
    "deeply nested": ("test_tokens::test_a_deeply_nested_token",),
    "NUL, surrogates": ("test_tokens::test_nul_and_surrogates",),
    "another store's": ("test_tokens::test_another_stores_token",),
    "a deleted user's": ("test_tokens::test_a_deleted_users_token",),
    "a copied one after logout": ("test_tokens::test_a_copied_token_after_logout",),
}

SESSIONS: Items = {
    "reuse old": ("test_sessions::test_reuse_of_an_old_token",),
    "reuse recent": ("test_sessions::test_reuse_of_a_recent_token",),
    "50 at once": (
        "test_sessions::test_fifty_refreshes_at_once",
        "test_sessions::test_fifty_logins_at_once",
        "test_sessions::test_fifty_inits_at_once",
    ),
    "kill -9 anywhere": (
        "test_kills::test_kill_9_anywhere_in_a_refresh",
        "test_kills::test_kill_9_anywhere_in",
        "test_kills::test_kill_9_anywhere_in_an_init",
        "test_kills::test_a_refresh_cut_off_between_commit_and_write",
    ),
    "a stopped lock holder": ("test_sessions::test_a_stopped_lock_holder",),
    "a restored backup": ("test_sessions::test_a_restored_backup",),
    "clocks a day off": (
        "test_sessions::test_a_clock_a_day_behind",
        "test_sessions::test_a_clock_a_day_ahead",
        "test_sessions::test_a_clock_beyond_the_end_of_the_session",
    ),
}

ACCOUNTS: Items = {
    "brute force in parallel": ("test_accounts::test_brute_force_in_parallel",),
    "enumeration by text": ("test_accounts::test_enumeration_by_text",),
    "enumeration by time": ("test_accounts::test_enumeration_by_time",),
    "enumeration by lock-out": ("test_accounts::test_enumeration_by_lock_out",),
    "odd user names (case, homoglyphs, zero width)": (
        "test_accounts::test_odd_user_names",
        "test_accounts::test_odd_user_names_are_nobodys",
        "test_accounts::test_an_odd_name_is_nobodys_on_a_new_machine",
    ),
    "SQL in every field": ("test_accounts::test_sql_in_every_field",),
    "huge and NUL passwords": ("test_accounts::test_huge_and_nul_passwords",),
    "every self-promotion": ("test_accounts::test_every_self_promotion",),
    "removal of the last admin from both sides at once": (
        "test_accounts::test_removal_of_the_last_admin_from_both_sides_at_once",
    ),
}

STORAGE: Items = {
    "umask 000": ("test_storage::test_umask_000_or_any_other",),
    "world-readable files": (
        "test_storage::test_world_readable_files",
        "test_storage::test_world_readable_folders",
        "test_storage::test_a_configuration_that_others_may_write",
        "test_storage::test_a_foreign_uid",
    ),
    "links and FIFOs swapped in": (
        "test_storage::test_links_and_fifos_swapped_in",
        "test_storage::test_links_and_fifos_swapped_in_for_folders",
        "test_storage::test_the_configuration_may_be_a_link_but_no_fifo",
    ),
    "empty, garbage": (
        "test_database::test_an_empty_or_garbage_database",
        "test_database::test_a_truncated_database",
        "test_database::test_a_vanished_database",
    ),
    "bit-flipped": (
        "test_database::test_a_bit_flipped_database",
        "test_database::test_a_bit_flipped_database_from_outside",
    ),
    "newer": ("test_database::test_a_newer_database",),
    "locked for a minute": (
        "test_database::test_locked_for_a_minute",
        "test_database::test_locked_by_a_reader_that_stays",
    ),
    "read-only": ("test_storage::test_a_read_only_store",),
    "disk full at each command": ("test_storage::test_a_full_disk_at_each_command",),
}

KEYRING: Items = {
    "absent": ("test_keyring::test_an_absent_keyring",),
    "locked": ("test_keyring::test_a_locked_keyring",),
    "frozen": (
        "test_keyring::test_a_frozen_keyring",
        "test_keyring::test_a_keyring_that_freezes_after_the_commit",
    ),
    "dying midway": ("test_keyring::test_a_keyring_dying_midway",),
    "null": ("test_keyring::test_a_null_keyring",),
    "too small": (
        "test_keyring::test_a_keyring_too_small",
        "test_keyring::test_a_refresh_in_a_keyring_too_small_rotates_nothing",
    ),
}

ENGINE: Items = {
    "down": ("test_engine::test_an_engine_that_is_down",),
    "refused": ("test_engine::test_an_engine_that_refuses",),
    "hung": ("test_engine::test_an_engine_that_hangs",),
    "garbage": ("test_engine::test_an_engine_that_talks_garbage",),
    "endless": ("test_engine::test_an_answer_that_is_endless",),
    "cut mid-stream": ("test_engine::test_a_stream_cut_midway",),
    "gone between two calls": ("test_engine::test_an_engine_gone_between_two_calls",),
    "a create whose answer is lost": (
        "test_engine::test_a_create_whose_answer_is_lost",
        "test_engine::test_a_create_whose_outcome_is_unknown",
        "test_engine::test_a_create_that_never_arrived",
    ),
    "no changing call to the engine that was not allowed": (
        "test_engine::test_a_refused_command_makes_no_changing_call",
    ),
}

_PIPES = "test_pipes_and_signals"

TERMINALS_AND_PIPES: Items = {
    "SIGINT": (
        f"{_PIPES}::test_following_logs",
        f"{_PIPES}::test_an_exec_is_left",
        f"{_PIPES}::test_a_run_passes_it_on",
    ),
    "SIGTERM": (
        f"{_PIPES}::test_following_logs",
        f"{_PIPES}::test_an_exec_is_left",
        f"{_PIPES}::test_a_run_passes_it_on",
    ),
    "a closed pipe": (
        f"{_PIPES}::test_a_reader_that_has_seen_enough",
        f"{_PIPES}::test_a_reader_that_reads_nothing",
        f"{_PIPES}::test_no_standard_output",
        f"{_PIPES}::test_a_full_standard_output",
    ),
    "no TTY": ("test_terminals::test_no_terminal",),
    "LANG=C": (f"{_PIPES}::test_odd_bytes_and_odd_locales",),
    "non-UTF-8": (f"{_PIPES}::test_odd_bytes_and_odd_locales", f"{_PIPES}::test_an_exec"),
    "ESC/OSC 8/OSC 52/CR/bidi": (
        "test_terminals::test_a_real_engine",
        "test_terminals::test_an_engine_that_lies",
        "test_terminals::test_an_engine_that_complains",
        "test_terminals::test_the_callers_own_words",
    ),
    "rich markup": (
        "test_terminals::test_a_real_engine",
        "test_terminals::test_an_engine_that_lies",
    ),
    "names that are prefixes of others": (
        "test_terminals::test_names_that_are_prefixes_of_others",
        "test_terminals::test_a_name_that_is_a_prefix_of_an_id",
    ),
}

CANARY: Items = {
    "none of them found in any output, log, file or process list afterwards": (
        "test_canary::test_canary_secrets_are_found_nowhere",
        "test_canary::test_the_tokens_are_in_the_credential_file_only",
        "test_canary::test_a_token_is_shown_as_asterisks",
        "test_canary::test_no_core_file_is_written",
    ),
}

LINES: dict[str, Items] = {
    "tokens": TOKENS,
    "sessions": SESSIONS,
    "accounts": ACCOUNTS,
    "storage": STORAGE,
    "keyring": KEYRING,
    "engine": ENGINE,
    "terminals and pipes": TERMINALS_AND_PIPES,
    "canary secrets": CANARY,
}
