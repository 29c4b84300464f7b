package io.buildledger.scheduler.supposing;

import java.util.LinkedHashMap;
import java.util.Map;

/** The newest entries alone: the eldest goes when there are more than a number. */
final class Remembered<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1;

    private final int most;

    /**
     * @param most how many entries are remembered
     */
    Remembered(int most) {
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
