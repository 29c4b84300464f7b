package io.buildledger.builder.attaching;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker tells about itself when it attaches.
 *
 * @param environ its environment
 * @param system {@code posix} or {@code nt}
 * @param basedir absolute path of its directory, in the form of its system
 * @param numcpus as it counts or was told; 1 if it tells none
 * @param version of buildbot-worker; empty if it tells none
 * @param commands from the name of each command that it knows to the command's version
 * @param rest what else it tells: {@code os_…}, {@code delete_leftover_dirs}, and the files of its
 *     directory {@code info}, such as {@code admin} and {@code host}
 */
public record WorkerInfo(
        Map<String, String> environ,
        String system,
        String basedir,
        int numcpus,
        String version,
        Map<String, String> commands,
        Map<String, @Nullable Object> rest) {

    static WorkerInfo of(@Nullable Object answer) throws MalformedMessageException {
        if (!(answer instanceof Map<?, ?> map)) {
            throw new MalformedMessageException("get_worker_info: the answer must be a map");
        }
        @SuppressWarnings("unchecked")
        Map<String, @Nullable Object> told = (Map<String, @Nullable Object>) map;
        Fields fields = new Fields("get_worker_info", told);
        Map<String, @Nullable Object> rest = new LinkedHashMap<>(told);
        for (String own :
                new String[] {
                    "environ", "system", "basedir", "numcpus", "version", "worker_commands"
                }) {
            rest.remove(own);
        }
        String version = fields.textOrNull("version");
        return new WorkerInfo(
                texts(fields, "environ"),
                fields.text("system"),
                fields.text("basedir"),
                told.get("numcpus") == null ? 1 : Math.clamp(fields.integer("numcpus"), 1, 1 << 20),
                version == null ? "" : version,
                texts(fields, "worker_commands"),
                Collections.unmodifiableMap(rest));
    }

    private static Map<String, String> texts(Fields fields, String key)
            throws MalformedMessageException {
        Object value = fields.map().get(key);
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw fields.wrong(key, "a map");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String name
                    && entry.getValue() instanceof String text)) {
                throw fields.wrong(key, "a map from text to text");
            }
            texts.put(name, text);
        }
        return Collections.unmodifiableMap(texts);
    }
}
