package io.buildledger.domain.attaching;

/**
 * What a worker is called in the whole cluster. One that attaches is the same to all masters. Of a
 * local one each master has its own, which is {@code MASTER/NAME}.
 */
public final class WorkerName {

    private WorkerName() {}

    /**
     * @param attaches whether it is one that attaches
     * @param name as the configuration has it
     */
    public static String of(boolean attaches, String master, String name) {
        return attaches ? name : master + "/" + name;
    }
}
