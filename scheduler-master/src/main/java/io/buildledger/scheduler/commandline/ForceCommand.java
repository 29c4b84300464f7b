package io.buildledger.scheduler.commandline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "force",
        description = "Have builds made at once, by way of a scheduler of type force.")
final class ForceCommand extends ActingCommand {

    @Parameters(paramLabel = "SCHEDULER", description = "name of the scheduler")
    private String scheduler = "";

    @Option(
            names = {"-p", "--property"},
            paramLabel = "FIELD=VALUE",
            description = "a field of its form, such as branch=main; repeatable")
    private Map<String, String> fields = Map.of();

    @Option(
            names = {"-b", "--builder"},
            paramLabel = "NAME",
            description = "one of its builders; repeatable (all of them)")
    private List<String> builders = List.of();

    @Option(names = "--reason", paramLabel = "TEXT", description = "why")
    private String reason = "";

    @Override
    void run(Master master) {
        Map<String, Object> body = new LinkedHashMap<>(fields);
        body.put("requestedBy", user());
        body.put("reason", reason);
        if (!builders.isEmpty()) {
            body.put("builder_names", builders);
        }
        AskedBuilds.show(
                this,
                master.postJson(
                        "/api/schedulers/%s/force".formatted(Master.segment(scheduler)), body));
    }
}
