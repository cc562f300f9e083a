"""What a registrar decides: accounts, access, authentication, bindings and REGISTER (:rfc:`3261` 10.3)."""
