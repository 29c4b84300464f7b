package io.buildledger.domain.cancelling;

import io.buildledger.domain.cancelling.OldBuildCanceller.Made;
import io.buildledger.domain.cancelling.OldBuildCanceller.Newer;
import io.buildledger.domain.cancelling.OldBuildCanceller.Reading;
import io.buildledger.domain.cancelling.OldBuildCanceller.Watched;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.RebuiltFrom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plays a story before a canceller, and notes what it ends. The steps are
 *
 * <ul>
 *   <li>{@code c1 main}: change 1 comes, on a branch
 *   <li>{@code r1 linux+docs main,lib/dev :1,2}: a buildset for two builders, whose requests are 1
 *       and 2; its source stamps, of which {@code lib/} is a codebase and {@code -} no branch; and
 *       the changes that it was made for, if any. A last word is {@code waited}, {@code patch} or
 *       {@code rebuild}
 *   <li>{@code e1}: request 1 ends
 * </ul>
 */
final class BranchBoard {

    private final OldBuildCanceller canceller;
    private final Map<Made, Branch> changes = new LinkedHashMap<>();
    private final List<Watched> watched = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private Instant now = Instant.EPOCH;

    BranchBoard(OldBuildCanceller canceller) {
        this.canceller = canceller;
    }

    BranchBoard play(String story) {
        for (String step : story.split(";", -1)) {
            now = now.plusSeconds(1);
            String[] words = step.strip().split("\\s+", -1);
            long number = Long.parseLong(words[0].substring(1));
            switch (words[0].charAt(0)) {
                case 'c' -> change(number, words[1]);
                case 'r' -> submit(number, words);
                case 'e' -> watched.removeIf(it -> it.requestId() == number);
                default -> throw new IllegalArgumentException(step);
            }
        }
        return this;
    }

    /** What was ended and for which request, such as {@code 1 by 2}. */
    List<String> ended() {
        return ended;
    }

    List<String> reasons() {
        return reasons;
    }

    private void change(long number, String branch) {
        Branch.of(stamp(branch, null)).ifPresent(it -> changes.put(new Made(number, now), it));
    }

    private static SourceStamp stamp(String text, @Nullable Patch patch) {
        String codebase = text.startsWith("lib/") ? "lib" : "";
        String branch = text.replaceFirst("^lib/", "");
        return new SourceStamp(
                "repo", branch.equals("-") ? null : branch, "r", "", codebase, patch);
    }

    private void submit(long firstRequest, String[] words) {
        String last = words[words.length - 1];
        Patch patch = last.equals("patch") ? new Patch("diff", 1, "ann", "", "") : null;
        List<SourceStamp> stamps = new ArrayList<>();
        for (String stamp : words[2].split(",", -1)) {
            stamps.add(stamp(stamp, patch));
        }
        List<Long> changes = new ArrayList<>();
        if (words.length > 3 && words[3].startsWith(":")) {
            for (String change : words[3].substring(1).split(",", -1)) {
                changes.add(Long.valueOf(change));
            }
        }
        Map<String, Long> requests = new LinkedHashMap<>();
        for (String builder : words[1].split("\\+", -1)) {
            requests.put(builder, firstRequest + requests.size());
        }
        decide(
                new BuildsetSubmitted(
                        firstRequest,
                        "main",
                        1,
                        "",
                        stamps,
                        changes,
                        Map.of(),
                        requests,
                        now,
                        last.equals("waited"),
                        null,
                        null,
                        last.equals("rebuild") ? new RebuiltFrom(1, null, null, "ann") : null));
    }

    private void decide(BuildsetSubmitted buildset) {
        Map<Branch, Made> newest = new HashMap<>();
        for (Branch branch : canceller.branches(buildset)) {
            changes.forEach((made, of) -> {
                if (of.equals(branch) && buildset.changeIds().contains(made.changeId())) {
                    newest.put(branch, made);
                }
            });
        }
        Reading reading = canceller.read(buildset, newest);
        for (Newer newer : reading.newer()) {
            for (Watched older : List.copyOf(watched)) {
                // Of the other codebases of one that has been ended there may be more.
                if (watched.contains(older)) {
                    older.supersededBy(newer).ifPresent(reason -> end(older, newer, reason));
                }
            }
        }
        watched.addAll(reading.watched());
    }

    private void end(Watched older, Newer newer, String reason) {
        watched.removeIf(it -> it.requestId() == older.requestId());
        ended.add(older.requestId() + " by " + newer.requestId());
        reasons.add(reason);
    }
}
