package io.buildledger.sealing;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;

/** Blocks of the table of the chain by their numbers, in little memory. */
final class Blocks implements Iterator<Block> {

    private static final int AT_ONCE = 50;

    private final ChainTable chain;
    private final long last;
    private final Queue<Block> read = new ArrayDeque<>();
    private long next;
    private boolean isAllRead;

    /**
     * @param first number of the first that is wanted
     * @param last number of the last that is wanted
     */
    Blocks(ChainTable chain, long first, long last) {
        this.chain = chain;
        this.next = first;
        this.last = last;
    }

    @Override
    public boolean hasNext() {
        if (read.isEmpty() && !isAllRead) {
            read.addAll(chain.read(next, last, AT_ONCE));
            isAllRead = read.size() < AT_ONCE;
        }
        return !read.isEmpty();
    }

    @Override
    public Block next() {
        if (!hasNext()) {
            throw new NoSuchElementException(
                    "there is no block from %d to %d".formatted(next, last));
        }
        Block block = read.remove();
        next = block.number() + 1;
        return block;
    }
}
