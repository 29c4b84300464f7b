package io.buildledger.scheduler.supposing;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.choosing.FreeWorker;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.choosing.WaitingBuild;
import io.buildledger.scheduler.supposing.Farm.Line;
import io.buildledger.scheduler.supposing.Farm.Machine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Workers that take requests in the order of claims, each as soon as one of them is free for it,
 * and are there all the time. A claim takes no time, and locks, {@code can_start_build} and {@code
 * prefer} are as if there were none.
 */
final class SupposedWorkers {

    /** Hears of the end of requests. */
    interface Ends {

        /**
         * @param isBuilt whether a build of it came to its end
         */
        void ended(SupposedRequest request, Results results, boolean isBuilt);
    }

    private static final Comparator<WaitingBuild> ORDER_OF_CLAIMS = NextBuild.IN_ORDER.order();

    private static final class Queue {
        private final Line line;
        private final PriorityQueue<SupposedRequest> waiting;
        private int running;
        private @Nullable String lastUsed;

        private Queue(Line line) {
            this.line = line;
            this.waiting =
                    new PriorityQueue<>(
                            Comparator.comparing(
                                    SupposedRequest::waiting, line.nextBuild().order()));
        }

        private boolean isFull() {
            return line.maxBuilds() != null && running >= line.maxBuilds();
        }

        /** The request that is next; null if none waits. */
        private @Nullable SupposedRequest head() {
            while (!waiting.isEmpty() && !waiting.peek().isWaiting()) {
                waiting.remove();
            }
            return waiting.peek();
        }
    }

    private static final class Stand {
        private final Machine machine;
        private final List<String> builders = new ArrayList<>();
        private final Set<String> busyWith = new HashSet<>();
        private int taken;
        private long builds;
        private long busyMillis;

        private Stand(Machine machine) {
            this.machine = machine;
        }

        private boolean canTake(String builder) {
            return machine.maxBuilds() - taken >= machine.countOf(builder)
                    && !busyWith.contains(builder);
        }
    }

    private final Agenda agenda;
    private final Ends ends;
    private final Map<String, Queue> queues = new TreeMap<>();
    private final Map<String, Stand> stands = new HashMap<>();

    SupposedWorkers(Farm farm, Agenda agenda, Ends ends) {
        this.agenda = agenda;
        this.ends = ends;
        farm.machines().forEach((name, machine) -> stands.put(name, new Stand(machine)));
        farm.lines()
                .forEach((builder, line) -> {
                    queues.put(builder, new Queue(line));
                    line.machines().forEach(it -> stand(it).builders.add(builder));
                });
    }

    private Stand stand(String machine) {
        return Objects.requireNonNull(stands.get(machine), machine);
    }

    /** Whether it is known who builds for a builder, and somebody does. */
    boolean serves(String builder) {
        Queue queue = queues.get(builder);
        return queue != null && !queue.line.machines().isEmpty();
    }

    /**
     * A request is on offer. Of a builder that nobody is known to build for, it is built at once.
     */
    void offer(SupposedRequest request) {
        Queue queue = queues.get(request.builder());
        if (queue == null || queue.line.machines().isEmpty()) {
            request.started(agenda.now(), null);
            agenda.put(agenda.now().plus(request.lasts()), () -> built(request));
            return;
        }
        queue.waiting.add(request);
        serve(queue);
    }

    /** A build that ran before; it takes what it takes. */
    void occupy(SupposedRequest request, String machine, Instant since) {
        Stand stand = stands.get(machine);
        if (stand == null || !stand.busyWith.add(request.builder())) {
            return;
        }
        request.started(since, machine);
        stand.taken += stand.machine.countOf(request.builder());
        Queue queue = queues.get(request.builder());
        if (queue != null) {
            queue.running++;
        }
        agenda.put(since.plus(request.lasts()), () -> built(request));
    }

    boolean has(String machine) {
        return stands.containsKey(machine);
    }

    /** The request ends where it is, as something that is not a build's end. */
    void end(SupposedRequest request, Results results) {
        if (request.isOver()) {
            return;
        }
        request.end();
        if (request.startedAt() != null) {
            leave(request);
        }
        ends.ended(request, results, false);
    }

    private void built(SupposedRequest request) {
        if (!request.isOver()) {
            request.end();
            leave(request);
            ends.ended(request, request.results(), true);
        }
    }

    private void leave(SupposedRequest request) {
        String machine = request.machine();
        Instant since = request.startedAt();
        if (machine == null || since == null) {
            return;
        }
        Stand stand = stand(machine);
        stand.taken -= stand.machine.countOf(request.builder());
        stand.busyWith.remove(request.builder());
        stand.busyMillis += Duration.between(since, agenda.now()).toMillis();
        Queue own = queues.get(request.builder());
        if (own != null) {
            own.running--;
            if (own.line.maxBuilds() != null) {
                serve(own);
            }
        }
        serve(stand);
    }

    /** Has a builder's requests taken by whoever is free for them. */
    private void serve(Queue queue) {
        for (SupposedRequest next = queue.head();
                next != null && !queue.isFull();
                next = queue.head()) {
            String builder = next.builder();
            List<FreeWorker> free =
                    queue.line.machines().stream()
                            .map(this::stand)
                            .filter(it -> it.canTake(builder))
                            .map(it -> new FreeWorker(it.machine.name(), it.busyWith.size()))
                            .toList();
            if (free.isEmpty()) {
                return;
            }
            take(queue, stand(queue.line.nextWorker().order(free, queue.lastUsed).getFirst()));
        }
    }

    /** Has a worker take what it has room for, of all its builders. */
    private void serve(Stand stand) {
        while (true) {
            Queue first = null;
            for (String builder : stand.builders) {
                Queue queue = Objects.requireNonNull(queues.get(builder));
                SupposedRequest head = queue.head();
                if (head != null
                        && !queue.isFull()
                        && stand.canTake(builder)
                        && (first == null || isBefore(head, first))) {
                    first = queue;
                }
            }
            if (first == null) {
                return;
            }
            take(first, stand);
        }
    }

    private static boolean isBefore(SupposedRequest one, Queue other) {
        SupposedRequest head = Objects.requireNonNull(other.head());
        return ORDER_OF_CLAIMS.compare(one.waiting(), head.waiting()) < 0;
    }

    private void take(Queue queue, Stand stand) {
        SupposedRequest request = queue.waiting.remove();
        if (request.hasExpiredAt(agenda.now())) {
            end(request, Results.EXCEPTION);
            return;
        }
        String builder = request.builder();
        request.started(agenda.now(), stand.machine.name());
        stand.taken += stand.machine.countOf(builder);
        stand.busyWith.add(builder);
        stand.builds++;
        queue.running++;
        queue.lastUsed = stand.machine.name();
        agenda.put(agenda.now().plus(request.lasts()), () -> built(request));
    }

    /** How many builds a worker has begun. */
    long builds(String machine) {
        return stand(machine).builds;
    }

    /** How long a worker was busy, with as many builds at once as it had. */
    long busyMillis(String machine) {
        return stand(machine).busyMillis;
    }

    /** How many wait for a builder in the end. */
    long left(String builder) {
        Queue queue = queues.get(builder);
        return queue == null
                ? 0
                : queue.waiting.stream().filter(SupposedRequest::isWaiting).count();
    }
}
