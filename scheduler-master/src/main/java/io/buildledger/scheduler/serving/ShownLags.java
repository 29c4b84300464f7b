package io.buildledger.scheduler.serving;

import io.buildledger.log.ReaderLag;
import io.buildledger.log.ReaderLags;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.viewing.ViewProjector;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.ui.Model;

/**
 * How far what masters read is behind the log, on pages: whichever master serves the page, and
 * whichever reads.
 */
@Component
class ShownLags {

    private static final String SCHEDULER = "scheduler/";
    private static final int MOST_LATE = 10;

    /** A scheduler and how far it is behind. */
    record OfScheduler(String name, ReaderLag lag) {}

    private final ReaderLags lags;
    private final ConfiguredSchedulers configured;

    ShownLags(ReaderLags lags, ConfiguredSchedulers configured) {
        this.lags = lags;
        this.configured = configured;
    }

    /** How far each scheduler is behind that has ever read. */
    Map<String, ReaderLag> ofSchedulers() {
        return ofSchedulers(lags.ofCluster());
    }

    private static Map<String, ReaderLag> ofSchedulers(List<ReaderLag> all) {
        return all.stream()
                .filter(it -> it.reader().startsWith(SCHEDULER))
                .collect(
                        Collectors.toMap(
                                it -> it.reader().substring(SCHEDULER.length()),
                                Function.identity()));
    }

    /** What is behind, and how many schedulers are looked at. */
    void addLate(Model model) {
        List<ReaderLag> all = lags.ofCluster();
        // Those that nobody has any more stay behind for ever.
        List<OfScheduler> atWork =
                ofSchedulers(all).entrySet().stream()
                        .filter(it ->
                                it.getValue().master() != null
                                        || configured.find(it.getKey()).isPresent())
                        .map(it -> new OfScheduler(it.getKey(), it.getValue()))
                        .toList();
        List<OfScheduler> late =
                atWork.stream()
                        .filter(it -> it.lag().isBehind())
                        .sorted(
                                Comparator.comparing((OfScheduler it) -> it.lag().age())
                                        .reversed()
                                        .thenComparing(OfScheduler::name))
                        .toList();
        model.addAttribute("schedulerCount", atWork.size());
        model.addAttribute("lateCount", late.size());
        model.addAttribute("late", late.stream().limit(MOST_LATE).toList());
        addViews(all, model);
    }

    /** What each master reads, and whether the views are behind. */
    void addReads(Model model) {
        List<ReaderLag> all = lags.ofCluster();
        model.addAttribute(
                "reads",
                all.stream()
                        .filter(it -> it.master() != null)
                        .collect(Collectors.groupingBy(it -> Objects.requireNonNull(it.master()))));
        addViews(all, model);
    }

    private static void addViews(List<ReaderLag> all, Model model) {
        model.addAttribute(
                "lateViews",
                all.stream()
                        .filter(it -> it.reader().equals(ViewProjector.FOLLOWER) && it.isBehind())
                        .findFirst()
                        .orElse(null));
    }
}
