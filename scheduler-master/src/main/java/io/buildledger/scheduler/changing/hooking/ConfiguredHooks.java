package io.buildledger.scheduler.changing.hooking;

import io.buildledger.configuring.ChangeHooks;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.reloading.Reloadable;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** The hooks that the configuration has. */
@Component
public final class ConfiguredHooks implements Reloadable {

    private record Settings(Login base, Map<String, Forge> forges) {}

    private volatile Settings settings;

    ConfiguredHooks(ConfigurationFile file) {
        this.settings = settings(file);
    }

    /** Goes by other hooks from the next delivery on; the files of secrets are read anew. */
    @Override
    public Runnable prepare(ConfigurationFile next) {
        Settings prepared = settings(next);
        return () -> settings = prepared;
    }

    private static Settings settings(ConfigurationFile file) {
        ChangeHooks hooks = file.configuration().changeHooks();
        Map<String, String> secrets = file.hookSecrets();
        Map<String, Forge> forges = new TreeMap<>();
        hooks.forges()
                .forEach((name, hook) -> {
                    String secret = secrets.get(name);
                    if (secret != null) {
                        forges.put(name, Forge.of(name, hook, secret));
                    }
                });
        return new Settings(
                new Login(
                        hooks.base() == null
                                ? null
                                : hooks.base().user() + ":" + secrets.get("base"),
                        file.configuration().access() == null),
                forges);
    }

    Login base() {
        return settings.base();
    }

    /**
     * The forge of a hook's address.
     *
     * @throws HookRefusedException with 404 if there is none, or none configured
     */
    Forge forge(String name) {
        Forge forge = settings.forges().get(name);
        if (forge != null) {
            return forge;
        }
        throw new HookRefusedException(
                HttpStatus.NOT_FOUND,
                Dialect.named(name).isEmpty()
                        ? "there is no such hook; known are base, "
                                + String.join(", ", Dialect.NAMES)
                        : "%s: this hook is not configured: add change_hooks: {%s: {secret_file: FILE}} to the configuration"
                                .formatted(name, name));
    }
}
