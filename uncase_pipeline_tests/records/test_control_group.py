from uncase_pipeline.records.control_group import held_out, held_out_of

KEY = b"k" * 32
MANY = [f"subj_{number}" for number in range(2_000)]


def test_of_many_people_those_are_held_out_whom_the_key_holds_out():
    assert held_out_of(MANY, KEY) == {subject for subject in MANY if held_out(subject, KEY)}


def test_of_a_few_people_one_is_held_out_and_one_is_left_whatever_the_key_says():
    nobody = [subject for subject in MANY if not held_out(subject, KEY)][:3]
    everybody = [subject for subject in MANY if held_out(subject, KEY)][:3]
    assert len(held_out_of(nobody, KEY)) == 1
    assert len(held_out_of(everybody, KEY)) == 2
    assert held_out_of(MANY[:1], KEY) == held_out_of([], KEY) == set()
