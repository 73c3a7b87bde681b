"""What a gateway must withstand from the network, and the tests that are named for it; as
`tests/adversarial/lines.py`."""

from tests.adversarial.lines import Items

_REQUESTS, _WEBSOCKETS = "test_gateway_requests", "test_gateway_websockets"
_STREAMS, _ACCOUNTS = "test_gateway_streams", "test_gateway_accounts"
_STORAGE, _CLIENTS = "test_gateway_storage", "test_gateway_clients"

GATEWAY: Items = {
    "half-open connections, slow heads": (
        f"{_REQUESTS}::test_half_open_connections_and_slow_heads",
        f"{_REQUESTS}::test_nothing_stays_of_connections_that_broke_off",
    ),
    "slow bodies": (f"{_REQUESTS}::test_slow_bodies",),
    "slow readers": (
        f"{_REQUESTS}::test_slow_readers_of_answers",
        f"{_STREAMS}::test_slow_readers_of_logs",
    ),
    "huge heads, bodies and frames": (
        f"{_REQUESTS}::test_huge_heads",
        f"{_REQUESTS}::test_huge_bodies",
        f"{_REQUESTS}::test_a_flood_of_expensive_bodies",
        f"{_WEBSOCKETS}::test_messages",
        f"{_WEBSOCKETS}::test_frames",
    ),
    "invalid UTF-8, case-variant and duplicated keys, unknown fields": (
        f"{_REQUESTS}::test_bodies",
        f"{_REQUESTS}::test_text_that_is_nobodys_name",
        f"{_STREAMS}::test_text_that_no_engine_can_be_told",
        f"{_WEBSOCKETS}::test_a_text_message",
    ),
    "wrong content types": (f"{_REQUESTS}::test_content_types",),
    "pipelining and smuggling": (
        f"{_REQUESTS}::test_pipelining",
        f"{_REQUESTS}::test_a_body_that_ends_here_for_one_and_there_for_another",
        f"{_REQUESTS}::test_trailers_are_no_fields",
        f"{_REQUESTS}::test_request_lines",
    ),
    "a WebSocket that never begins": (
        f"{_WEBSOCKETS}::test_handshakes",
        f"{_WEBSOCKETS}::test_arguments_that_never_come",
        f"{_WEBSOCKETS}::test_arguments_in_pieces_that_never_end",
    ),
    "compression and pings": (
        f"{_WEBSOCKETS}::test_compression_is_not_agreed_on",
        f"{_WEBSOCKETS}::test_a_flood_of_pings_whose_answers_nobody_reads",
    ),
    "a peer that vanishes": (
        f"{_STREAMS}::test_a_peer_that_vanishes_in_an_exec",
        f"{_STREAMS}::test_fifty_peers_that_vanish",
        f"{_WEBSOCKETS}::test_nothing_stays_of_websockets_that_broke_off",
    ),
    "an engine that dies under running streams": (
        f"{_STREAMS}::test_an_engine_that_dies_under_running_streams",
    ),
    "a gateway that ends": (f"{_STREAMS}::test_a_gateway_that_is_stopped_or_killed_under_streams",),
    "tokens": (
        f"{_ACCOUNTS}::test_tokens",
        f"{_ACCOUNTS}::test_refresh_tokens",
        f"{_ACCOUNTS}::test_what_is_no_bearer_token",
        f"{_ACCOUNTS}::test_a_copied_token_after_logout",
    ),
    "brute force, enumeration": (
        f"{_ACCOUNTS}::test_brute_force_from_one_user_locks_no_other_out",
        f"{_ACCOUNTS}::test_enumeration",
    ),
    "crowds": (
        f"{_ACCOUNTS}::test_fifty_logins_at_once",
        f"{_ACCOUNTS}::test_a_flood_of_connections_of_one_user_locks_no_other_out",
        f"{_ACCOUNTS}::test_a_flood_of_requests_of_one_user_locks_no_other_out",
    ),
    "canary secrets": (f"{_ACCOUNTS}::test_the_process_shows_no_secret",),
    "a full disk": (f"{_STORAGE}::test_a_full_disk",),
    "a read-only store": (f"{_STORAGE}::test_a_read_only_store",),
    "a client newer or older than the gateway": (f"{_CLIENTS}::test_another_version",),
    "a hostile gateway": (
        f"{_CLIENTS}::test_hostile_texts",
        f"{_CLIENTS}::test_no_gateways_answer",
        f"{_CLIENTS}::test_an_answer_that_is_endless",
        f"{_CLIENTS}::test_an_answer_cut_midway",
    ),
}
