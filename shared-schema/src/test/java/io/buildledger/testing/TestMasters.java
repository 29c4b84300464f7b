package io.buildledger.testing;

import io.buildledger.mastering.MasterRegistry.Registration;
import java.time.Duration;
import java.util.Map;

/** What masters say of themselves that have no builders in their files. */
public final class TestMasters {

    private TestMasters() {}

    public static Registration builder(String name) {
        return of(name, "builder");
    }

    public static Registration scheduler(String name) {
        return of(name, "scheduler");
    }

    private static Registration of(String name, String role) {
        return new Registration(name, role, "host", 1, Duration.ofSeconds(30), Map.of(), null);
    }
}
