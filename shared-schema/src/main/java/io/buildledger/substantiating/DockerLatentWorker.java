package io.buildledger.substantiating;

import io.buildledger.stepping.StepProblems;
import io.buildledger.stepping.VariableNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A container of an image that runs a worker, as {@code buildbot/buildbot-worker} does. It is
 * called {@code buildledger-} and the worker's name, and goes when it ends.
 *
 * @param image as {@code docker run} takes it
 * @param docker the program; default {@code docker}. Podman has the same command line
 * @param volumes {@code FROM:TO[:OPTIONS]} each
 * @param env in the container, besides what the worker needs
 * @param network that the container is in; by default the engine's own default
 */
@LatentType("docker")
public record DockerLatentWorker(
        String image,
        String docker,
        List<String> volumes,
        Map<String, String> env,
        @Nullable String network)
        implements LatentWorker {

    private static final String PREFIX = "buildledger-";

    public DockerLatentWorker {
        docker = docker == null ? "docker" : docker;
        volumes = volumes == null ? List.of() : volumes;
        env = env == null ? Map.of() : env;
    }

    @Override
    public void check(StepProblems problems) {
        if (image == null) {
            problems.missing("image", "image is missing: name the image that runs the worker");
        } else if (image.isBlank() || image.startsWith("-")) {
            problems.problem("image", "'%s' is not an image: name one".formatted(image));
        }
        if (docker.isBlank()) {
            problems.problem("docker", "docker is empty: name the program, or leave it out");
        }
        for (int i = 0; i < volumes.size(); i++) {
            String volume = volumes.get(i);
            if (volume == null || !volume.matches("[^:]+:[^:]+(:[^:]+)?")) {
                problems.problem(
                        "volumes/" + i,
                        "'%s' is not a volume: write FROM:TO or FROM:TO:ro".formatted(volume));
            }
        }
        VariableNames.check(env, problems);
    }

    // Names of variables alone: their values come through the environment, which others can't see.
    @Override
    public void start(LatentRun run) throws IOException {
        Map<String, String> variables = new TreeMap<>(run.environment());
        variables.putAll(env);
        List<String> words =
                new ArrayList<>(List.of(docker, "run", "--detach", "--rm", "--name", name(run)));
        variables.keySet().forEach(variable -> words.addAll(List.of("--env", variable)));
        volumes.forEach(volume -> words.addAll(List.of("--volume", volume)));
        if (network != null) {
            words.addAll(List.of("--network", network));
        }
        words.add(image);
        run.command(words, env);
    }

    // Without a container of the name that succeeds.
    @Override
    public void stop(LatentRun run) throws IOException {
        run.command(List.of(docker, "rm", "--force", "--volumes", name(run)), Map.of());
    }

    /** A name that an engine takes; where it is not the worker's own, one that no other has. */
    private static String name(LatentRun run) {
        String worker = run.worker();
        String allowed = worker.replaceAll("[^A-Za-z0-9_.-]", "-");
        return allowed.equals(worker)
                ? PREFIX + worker
                : PREFIX + allowed + "-" + DigestUtils.sha256Hex(worker).substring(0, 8);
    }
}
