package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.Access;
import io.buildledger.configuring.ConfigurationFile;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the files are that {@code access} of a configuration names. */
final class AccessFile {

    private AccessFile() {}

    /**
     * @throws NoAnswerException if it names none
     * @throws io.buildledger.configuring.InvalidConfigurationException if the configuration can't
     *     be used
     */
    static Path users(Path config) {
        return named(config, "users_file", Access::usersFile);
    }

    /** The same of tokens. */
    static Path tokens(Path config) {
        return named(config, "tokens_file", Access::tokensFile);
    }

    private static Path named(Path config, String key, Function<Access, @Nullable Path> of) {
        ConfigurationFile file = ConfigurationFile.read(config);
        Access access = file.configuration().access();
        Path named = access == null ? null : of.apply(access);
        if (named == null) {
            throw new NoAnswerException(
                    "%s: access has no %s: name there the file to which to write"
                            .formatted(config, key));
        }
        return file.beside(named);
    }
}
