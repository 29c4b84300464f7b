package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who may send changes to {@code /change_hook/NAME}. A forge that is not here may not.
 *
 * @param base the hook for all programs, which is always there; without a password here it is open,
 *     or closed if there is {@code access}
 */
public record ChangeHooks(
        @Nullable BaseHook base,
        @Nullable ForgeHook github,
        @Nullable ForgeHook gitlab,
        @Nullable ForgeHook gitea,
        @Nullable ForgeHook bitbucketcloud,
        @Nullable ForgeHook bitbucketserver) {

    static final ChangeHooks NONE = new ChangeHooks(null, null, null, null, null, null);

    /** The forges that are configured, by their names here and in the address. */
    public Map<String, ForgeHook> forges() {
        Map<String, ForgeHook> forges = new TreeMap<>();
        add(forges, "github", github);
        add(forges, "gitlab", gitlab);
        add(forges, "gitea", gitea);
        add(forges, "bitbucketcloud", bitbucketcloud);
        add(forges, "bitbucketserver", bitbucketserver);
        return forges;
    }

    private static void add(Map<String, ForgeHook> forges, String name, @Nullable ForgeHook forge) {
        if (forge != null) {
            forges.put(name, forge);
        }
    }

    /**
     * What {@code /change_hook/base} asks for (HTTP's basic authentication).
     *
     * @param password the password itself; {@code passwordFile} keeps it out of this file
     */
    public record BaseHook(
            @Nullable String user, @Nullable String password, @Nullable Path passwordFile) {}

    /**
     * @param secret what the forge signs its deliveries with, or sends along with them; {@code
     *     secretFile} keeps it out of this file
     * @param codebase of all changes of this forge; by default what the list of codebases says
     * @param project of all changes of this forge; by default the repository's OWNER/NAME
     * @param pullrequestRef which of its refs a pull request's change is of; default {@code head}
     * @param skips regular expressions of RE2; what is pushed is not built if one is found anywhere
     *     in the message of the newest commit; by default {@code [skip ci]} and {@code [ci skip]}
     * @param url where the forge's pages are; for {@code bitbucketserver} alone, whose deliveries
     *     don't say it
     */
    public record ForgeHook(
            @Nullable String secret,
            @Nullable Path secretFile,
            @Nullable String codebase,
            @Nullable String project,
            PullrequestRef pullrequestRef,
            List<String> skips,
            @Nullable String url) {

        private static final List<String> DEFAULT_SKIPS =
                List.of("\\[ *skip *ci *\\]", "\\[ *ci *skip *\\]");

        public ForgeHook {
            pullrequestRef = pullrequestRef == null ? PullrequestRef.HEAD : pullrequestRef;
            skips = skips == null ? DEFAULT_SKIPS : skips;
        }
    }

    /** Which of its refs a pull request's change is of. */
    public enum PullrequestRef {
        /** What is to be merged, as it is. */
        @JsonProperty("head")
        HEAD,
        /** What the forge has tried to merge it to. */
        @JsonProperty("merge")
        MERGE
    }
}
