package io.buildledger.scheduler.commandline;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** A command that changes something, in the name of somebody. */
abstract class ActingCommand extends ClientCommand {

    @Option(
            names = "--user",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description =
                    "who asks for it, for the log (${DEFAULT-VALUE}); where people log in, it is the token's user, whatever is said here")
    private String user = "";

    final String user() {
        return user;
    }

    /**
     * @param fieldsAndValues of the form, besides who asks; null values are left out
     */
    final JsonNode tell(Master master, String path, @Nullable Object... fieldsAndValues) {
        Map<String, @Nullable Object> form = new LinkedHashMap<>();
        form.put("requestedBy", user);
        for (int i = 0; i < fieldsAndValues.length; i += 2) {
            form.put(String.valueOf(fieldsAndValues[i]), fieldsAndValues[i + 1]);
        }
        return master.post(path, form);
    }
}
