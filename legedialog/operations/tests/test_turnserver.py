from legedialog.operations.turnserver import EACH, PORTS, RELAYED, _in_turn


def test_sites_of_one_machine_look_for_a_turn_server_at_places_of_their_own() -> None:
    assert (_in_turn(8000)[0], _in_turn(8001)[0], _in_turn(7999)[0]) == (3478, 3479, 3577)
    assert sorted(_in_turn(41234)) == list(PORTS)


def test_every_turn_server_has_ports_to_give_out() -> None:
    assert PORTS.stop < RELAYED
    assert RELAYED + EACH * len(PORTS) <= 2**16
