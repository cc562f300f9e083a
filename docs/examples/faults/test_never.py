def test_that_asks_for_the_wrong_trunk(sipreg):
    with sipreg.fault("drop REGISTER from trunk2 auth"):
        sipreg.user_agent("trunk1").register()
