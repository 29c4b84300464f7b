package io.buildledger.log;

import java.util.Arrays;

/**
 * Numbers that are taken in blocks, kept as the blocks' ends: a history that uses every number once
 * takes no more room than one that uses ten.
 */
public final class NumberSet {

    private long[] firsts = new long[4];
    private long[] lasts = new long[4];
    private int blocks;

    /**
     * @return false if the number was there already
     */
    public boolean add(long number) {
        int after = firstBlockAfter(number);
        int before = after - 1;
        if (before >= 0 && lasts[before] >= number) {
            return false;
        }
        boolean extendsBefore = before >= 0 && lasts[before] == number - 1;
        boolean extendsAfter = after < blocks && firsts[after] == number + 1;
        if (extendsBefore && extendsAfter) {
            lasts[before] = lasts[after];
            remove(after);
        } else if (extendsBefore) {
            lasts[before] = number;
        } else if (extendsAfter) {
            firsts[after] = number;
        } else {
            insert(after, number);
        }
        return true;
    }

    public boolean contains(long number) {
        int before = firstBlockAfter(number) - 1;
        return before >= 0 && lasts[before] >= number;
    }

    /** How many blocks the numbers form. */
    int blocks() {
        return blocks;
    }

    private int firstBlockAfter(long number) {
        // Most numbers come in their order.
        if (blocks == 0 || firsts[blocks - 1] <= number) {
            return blocks;
        }
        int found = Arrays.binarySearch(firsts, 0, blocks, number);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private void insert(int at, long number) {
        if (blocks == firsts.length) {
            firsts = Arrays.copyOf(firsts, blocks * 2);
            lasts = Arrays.copyOf(lasts, blocks * 2);
        }
        System.arraycopy(firsts, at, firsts, at + 1, blocks - at);
        System.arraycopy(lasts, at, lasts, at + 1, blocks - at);
        firsts[at] = number;
        lasts[at] = number;
        blocks++;
    }

    private void remove(int at) {
        blocks--;
        System.arraycopy(firsts, at + 1, firsts, at, blocks - at);
        System.arraycopy(lasts, at + 1, lasts, at, blocks - at);
    }
}
