package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.scheduler.serving.buildbot.Numbered.Named;
import io.buildledger.viewing.ClusterNames;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Which names the numbers of builders, workers, masters and schedulers stand for. */
@Component
class NamesByNumber {

    private record Thing(Named kind, long number) {}

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    private final ClusterNames names;
    private final SchedulerStatuses schedulers;

    /** A number never stands for another name, so what is known stays. */
    private final Map<Thing, String> known = new ConcurrentHashMap<>();

    private final Map<String, Long> numbers = new ConcurrentHashMap<>();

    NamesByNumber(ClusterNames names, SchedulerStatuses schedulers) {
        this.names = names;
        this.schedulers = schedulers;
    }

    /** The number of a name that the cluster has or had. */
    long number(Named kind, String name) {
        return numbers.computeIfAbsent(kind + "/" + name, _ -> Numbered.of(kind, name));
    }

    /** What a number stands for, if the cluster has or had such a thing. */
    Optional<String> name(Named kind, long number) {
        Thing wanted = new Thing(kind, number);
        String name = known.get(wanted);
        if (name == null) {
            all(kind).forEach(it -> known.put(new Thing(kind, number(kind, it)), it));
            name = known.get(wanted);
        }
        return Optional.ofNullable(name);
    }

    /** What a part of a path stands for, which is a number or a name. */
    Optional<String> nameOf(Named kind, String numberOrName) {
        Optional<String> byNumber =
                NUMBER.matcher(numberOrName).matches()
                        ? name(kind, Long.parseLong(numberOrName))
                        : Optional.empty();
        return byNumber.or(
                () -> name(kind, Numbered.of(kind, numberOrName)).filter(numberOrName::equals));
    }

    private Collection<String> all(Named kind) {
        return switch (kind) {
            case BUILDER -> names.builders();
            case WORKER -> names.workers();
            case MASTER -> names.mastersLastSeen().keySet();
            case SCHEDULER ->
                    schedulers.all().stream().map(SchedulerStatuses.Status::name).toList();
        };
    }
}
