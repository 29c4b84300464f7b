package io.buildledger.sealing;

import io.buildledger.database.ReadingConnection;
import io.buildledger.log.EventImport.Row;
import io.buildledger.sealing.ChainFinding.Kind;
import io.buildledger.sealing.ChainFinding.Place;
import io.buildledger.sealing.Deviations.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Holds the log against its chain: is handed the rows in the order of the log, wherever they are
 * read, and keeps in memory those of one block. For one thread at a time.
 */
public final class ChainCheck {

    /** As many as anybody reads; the others are only counted. */
    private static final int KEPT = 1_000;

    private final @Nullable Hash log;
    private final Iterator<Block> blocks;
    private final @Nullable Checkpoint from;
    private final long newest;
    private final Map<Long, List<Checkpoint>> checkpoints = new HashMap<>();
    private final EventHash eventHash = new EventHash();
    private final Deviations deviations = new Deviations();
    private final List<ChainFinding> findings = new ArrayList<>();
    private @Nullable Open current;
    private @Nullable Block last;
    private boolean isDoubtful;
    private long expected;
    private @Nullable Checkpoint passed;
    private int passedInAll;
    private long beyond;
    private long checked;
    private long events;
    private long unsealed;
    private @Nullable Instant unsealedSince;

    /** The block that the rows are in now. */
    private final class Open {
        private final Block block;
        private final Optional<List<Mark>> sealed;
        private final long begin;
        private final long end;
        private final long reach;
        private final boolean isAfterGap;
        private final boolean isJudged;
        private final Contents contents = new Contents();
        private final List<Standing> standing = new ArrayList<>();

        /** What is after the marks' end, but not after the column's: of this block or the next. */
        private final List<Row> ahead = new ArrayList<>();

        /**
         * @param isAfterGap whether blocks before it are missing, whose events nobody can check
         */
        Open(Block block, boolean isAfterGap) {
            this.block = block;
            this.isAfterGap = isAfterGap;
            this.sealed = block.marks().read();
            this.isJudged = !block.isBeginning() && !isFrom(block);
            if (isJudged) {
                // A column that was changed must not bring the blocks beside this one into
                // disorder.
                Optional<List<Mark>> some =
                        sealed.filter(marks -> !marks.isEmpty() && marks.size() == block.events());
                this.begin = some.map(marks -> marks.getFirst().index()).orElse(block.firstIndex());
                this.end = some.map(marks -> marks.getLast().index()).orElse(block.lastIndex());
                this.reach = Math.max(end, block.lastIndex());
            } else {
                this.begin = Block.BEFORE_THE_FIRST_EVENT;
                this.end = from == null ? Block.BEFORE_THE_FIRST_EVENT : from.lastIndex();
                this.reach = end;
            }
        }

        /** Whether a row is of a later block, and so are those that follow. */
        boolean isPassed(Row row) {
            return row.index() > reach
                    || (row.index() > end && contents.events() + ahead.size() >= block.events());
        }

        void next(Row row) {
            if (isAfterGap && row.index() < begin) {
                return;
            }
            if (row.index() > end) {
                ahead.add(row);
            } else {
                add(row);
            }
        }

        private void add(Row row) {
            events++;
            byte[] hash = eventHash.of(row);
            contents.add(row.index(), hash);
            standing.add(
                    new Standing(
                            Mark.of(row.index(), hash), new Place(row.stream(), row.sequence())));
        }

        /**
         * Whether the rows so far are what was sealed: then the marks are wrong if they say that it
         * ends elsewhere, and no event is.
         */
        boolean isWhole(Row newest) {
            if (!isJudged
                    || newest.index() != block.lastIndex()
                    || contents.events() + ahead.size() != block.events()) {
                return false;
            }
            Contents all = contents.copy();
            ahead.forEach(row -> all.add(row.index(), eventHash.of(row)));
            if (!isOf(block, all)) {
                return false;
            }
            ahead.forEach(this::add);
            ahead.clear();
            return true;
        }
    }

    private boolean isFrom(Block block) {
        return from != null && block.number() == from.block();
    }

    private static boolean isOf(Block block, Contents contents) {
        return block.hashOf(contents.hash(), block.previous()).equals(block.hash());
    }

    /**
     * @param log which log it is; null if nothing is sealed
     * @param blocks by ascending numbers; of those before {@code from} none
     * @param checkpoints that the chain must go through
     * @param from one of them, before which nothing is read; null if all is
     * @param newest number of the last block that counts; -1 if there is none
     */
    ChainCheck(
            @Nullable Hash log,
            Iterator<Block> blocks,
            List<Checkpoint> checkpoints,
            @Nullable Checkpoint from,
            long newest) {
        this.log = log;
        this.blocks = blocks;
        this.from = from;
        this.newest = newest;
        this.expected = from == null ? 0 : from.block();
        checkpoints.forEach(this::expect);
        advance();
    }

    /**
     * Of all the log, and against no checkpoint.
     *
     * @param jdbc with which blocks are read, long after each other
     * @param newest number of the last block that counts, from {@link #newestBlock}; all its events
     *     will be handed over
     */
    public static ChainCheck ofAll(JdbcClient jdbc, long newest) {
        ChainTable chain = new ChainTable(jdbc);
        return new ChainCheck(
                chain.log().orElse(null), new Blocks(chain, 0, newest), List.of(), null, newest);
    }

    /** The number of the newest block; -1 before there is one. */
    public static long newestBlock(ReadingConnection connection) {
        return new ChainTable(connection.jdbc()).newest().orElse(-1L);
    }

    private void expect(Checkpoint checkpoint) {
        if (log != null && !checkpoint.log().equals(log.hex())) {
            tell(
                    Kind.OTHER_LOG,
                    checkpoint.block(),
                    "the checkpoint of %s is of the log %s, and this is %s: it is of another cluster, or the whole chain was made anew"
                            .formatted(
                                    checkpoint.sealedAt(),
                                    start(checkpoint.log()),
                                    start(log.hex())));
        } else {
            checkpoints.computeIfAbsent(checkpoint.block(), _ -> new ArrayList<>()).add(checkpoint);
        }
    }

    private static String start(String hash) {
        return hash.substring(0, 12) + "…";
    }

    private void advance() {
        if (!blocks.hasNext()) {
            current = null;
            return;
        }
        Block block = blocks.next();
        boolean isAfterGap = block.number() != expected;
        if (isAfterGap) {
            long missing = block.number() - 1;
            tell(
                    Kind.CHAIN_MISSING,
                    expected,
                    missing == expected
                            ? "block %d of the chain is missing: its events can't be checked"
                                    .formatted(missing)
                            : "blocks %d to %d of the chain are missing: their events can't be checked"
                                    .formatted(expected, missing));
            last = null;
        }
        expected = block.number() + 1;
        current = new Open(block, isAfterGap);
    }

    /** The next row of the log. */
    public void next(Row row) {
        Open open = current;
        while (open != null && open.isPassed(row)) {
            close(open);
            open = current;
        }
        if (open == null) {
            unsealed++;
            if (unsealedSince == null) {
                unsealedSince = row.at();
            }
        } else {
            open.next(row);
            if (open.isWhole(row)) {
                close(open);
            }
        }
    }

    private void close(Open open) {
        Block block = open.block;
        isDoubtful = false;
        if (block.isBeginning()) {
            if (!block.isUnchangedBeginning()) {
                tell(Kind.CHAIN_CHANGED, 0, "block 0 of the chain: its row was changed");
            }
            deviations.compare(block.number(), List.of(), open.standing);
        } else if (open.isJudged) {
            judge(open);
        }
        checkpoints.getOrDefault(block.number(), List.of()).forEach(it -> compare(it, block));
        // What follows on a row that was changed can't be held against it.
        last = isDoubtful ? null : block;
        advance();
        open.ahead.forEach(this::next);
    }

    private void judge(Open open) {
        checked++;
        Block block = open.block;
        if (isOf(block, open.contents)) {
            judgeLink(block);
            if (!open.sealed.equals(Optional.of(open.contents.marks()))) {
                tellOfChange(
                        block, "its marks were changed; its hash and its events are as they were");
            }
        } else if (open.sealed.isEmpty()) {
            tellOfChange(
                    block,
                    "it is not what was sealed, and as its marks can't be read nobody can tell which of the events %d to %d was changed"
                            .formatted(open.begin, open.end));
        } else if (!deviations.compare(block.number(), open.sealed.get(), open.standing)) {
            tellOfChange(
                    block,
                    "its row was changed, or an event of %d to %d together with its mark"
                            .formatted(open.begin, open.end));
        }
    }

    /** The block is what was sealed, on the one before it as that was then. */
    private void judgeLink(Block block) {
        Block before = last;
        if (before != null && !block.previous().equals(before.hash())) {
            tell(
                    Kind.CHAIN_CHANGED,
                    before.number(),
                    "block %d of the chain is not the one that block %d was sealed on: its hash was changed, or the block was made anew after an event of %d to %d had been"
                            .formatted(
                                    before.number(),
                                    block.number(),
                                    before.firstIndex(),
                                    before.lastIndex()));
        }
    }

    private void tellOfChange(Block block, String what) {
        isDoubtful = true;
        tell(
                Kind.CHAIN_CHANGED,
                block.number(),
                "block %d of the chain: %s".formatted(block.number(), what));
    }

    private void compare(Checkpoint checkpoint, Block block) {
        if (checkpoint.hash().equals(block.hash().hex())) {
            passed = checkpoint;
            passedInAll++;
            return;
        }
        tell(
                Kind.CHAIN_REPLACED,
                block.number(),
                "block %d is not the one of the checkpoint of %s: an event of %d to %d was changed and the chain made anew, or the log is an older copy that has gone on"
                        .formatted(
                                block.number(),
                                checkpoint.sealedAt(),
                                passed == null ? 1 : passed.lastIndex() + 1,
                                checkpoint.lastIndex()));
    }

    /**
     * All rows have been handed over.
     *
     * @param head index of the last event of the log
     */
    public void end(long head) {
        Open open = current;
        while (open != null) {
            close(open);
            open = current;
        }
        deviations.told().forEach(this::add);
        beyond += deviations.beyond();
        checkpoints.values().stream()
                .flatMap(List::stream)
                .filter(checkpoint -> checkpoint.block() >= expected)
                .forEach(checkpoint -> tellOfEnd(checkpoint, head));
        findings.sort(
                Comparator.comparingLong(ChainFinding::block)
                        .thenComparingLong(
                                finding -> finding.index() == null ? 0 : finding.index()));
    }

    private void tellOfEnd(Checkpoint checkpoint, long head) {
        String end =
                log == null
                        ? "nothing of this log is sealed"
                        : "the chain ends with block %d".formatted(newest);
        tell(
                Kind.CHAIN_SHORTER,
                checkpoint.block(),
                "%s, and the checkpoint of %s is of block %d: %s"
                        .formatted(
                                end,
                                checkpoint.sealedAt(),
                                checkpoint.block(),
                                head < checkpoint.lastIndex()
                                        ? "the log ends with event %d, and went on to event %d: it was cut off, or is an older copy"
                                                .formatted(head, checkpoint.lastIndex())
                                        : "rows of the chain were deleted, or the log is an older copy that has gone on"));
    }

    private void tell(Kind kind, long block, String what) {
        add(new ChainFinding(kind, block, null, null, what));
    }

    private void add(ChainFinding finding) {
        if (findings.size() < KEPT) {
            findings.add(finding);
        } else {
            beyond++;
        }
    }

    /** What is not as it was sealed, after the {@link #end}. */
    public List<ChainFinding> findings() {
        return List.copyOf(findings);
    }

    /** How many more there are than those. */
    public long beyond() {
        return beyond;
    }

    /** How many blocks were checked; the one without events does not count. */
    public long blocks() {
        return checked;
    }

    /** How many events were held against them. */
    public long events() {
        return events;
    }

    /** How many events come after the last block. */
    public long unsealed() {
        return unsealed;
    }

    /** When the first of those was recorded; null if there are none. */
    public @Nullable Instant unsealedSince() {
        return unsealedSince;
    }

    /** How many of the checkpoints the chain goes through. */
    int passed() {
        return passedInAll;
    }
}
