package io.buildledger.builder.workers;

import io.buildledger.builder.attaching.CommandListener;
import io.buildledger.builder.attaching.RequestRefusedException;
import io.buildledger.builder.attaching.WorkerConnection;
import io.buildledger.builder.attaching.WorkerInfo;
import io.buildledger.builder.attaching.WorkerLostException;
import io.buildledger.builder.attaching.WorkerMisbehavedException;
import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.workers.AttachedWorkplaces.StepJournal;
import io.buildledger.builder.working.Interruption;
import io.buildledger.showing.Printable;
import io.buildledger.stepping.Ending;
import io.buildledger.stepping.FileStatus;
import io.buildledger.stepping.FileStatus.Kind;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.OutputTap;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is attached, as one step sees it: each method is a command of the worker's, by the
 * names and arguments of buildbot-worker's protocol ({@code master-worker-msgpack} in Buildbot's
 * developer documentation).
 */
record AttachedWorker(
        WorkerConnection connection,
        WorkerPaths paths,
        Supplier<String> commandIds,
        StepJournal journal,
        LogsOfStep logs,
        Interruption interruption)
        implements Worker {

    private static final int BLOCK = 256 * 1024;
    private static final Duration FOR_EVER = Duration.ofDays(3650);

    /** Between asking a command to end and killing it, as for local workers. */
    private static final int GRACE_SECONDS = 5;

    /** The worker itself gives up on a process that can't be killed after some seconds. */
    private static final Duration INTERRUPTED_WITHIN = Duration.ofSeconds(30);

    private static final Duration REMOVED_WITHIN = Duration.ofMinutes(1);

    /** Of the worker's own for what it removes and copies by a process. */
    private static final int LONGEST_SILENCE_SECONDS = 1200;

    /** Python's ENOENT and ENOTDIR, which are the same on all systems that workers run on. */
    private static final Set<Integer> NOTHING_THERE = Set.of(2, 20);

    /** How much of what a worker says went wrong is told. */
    private static final int LONGEST_COMPLAINT = 500;

    @Override
    public String name() {
        return connection.name();
    }

    @Override
    public boolean isWindows() {
        return paths.isWindows();
    }

    @Override
    public Optional<String> environment(String variable) {
        return Optional.ofNullable(connection.info().environ().get(variable));
    }

    @Override
    public Optional<Object> info(String key) {
        WorkerInfo info = connection.info();
        return switch (key) {
            case "system" -> Optional.of(info.system());
            case "basedir" -> Optional.of(info.basedir());
            case "numcpus" -> Optional.of(info.numcpus());
            case "version" -> Optional.of(info.version());
            default -> Optional.ofNullable(info.rest().get(key));
        };
    }

    @Override
    public String absolute(String path) throws StepAbortedException {
        return paths.absolute(path);
    }

    @Override
    public Ending run(Invocation invocation, OutputTap tap)
            throws IOException, StepAbortedException {
        Map<String, @Nullable Object> environment = new HashMap<>(invocation.environment());
        invocation.unset().forEach(variable -> environment.put(variable, null));
        Map<String, @Nullable Object> args = new HashMap<>();
        args.put("workdir", paths.absolute(invocation.workdir()));
        args.put("command", invocation.words());
        args.put("env", environment);
        args.put("want_stdout", true);
        args.put("want_stderr", true);
        args.put("logfiles", Map.copyOf(invocation.logFiles()));
        args.put("timeout", invocation.timeout().isZero() ? null : seconds(invocation.timeout()));
        args.put("maxTime", invocation.maxTime() == null ? null : seconds(invocation.maxTime()));
        args.put("sigtermTime", GRACE_SECONDS);
        args.put("usePTY", false);
        // Else the worker writes all its environment into the log.
        args.put("logEnviron", false);
        ShellListener shell = new ShellListener(logs, invocation, tap);
        execute("shell", args, shell, true);
        return shell.ending(invocation, interruption.reason());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    @Override
    public Optional<FileStatus> stat(String path) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        execute("stat", Map.of("path", paths.absolute(path)), answer, false);
        if (NOTHING_THERE.contains(answer.code())) {
            return Optional.empty();
        }
        answer.requireSuccess("can't look at " + path);
        return Optional.of(said(answer.status(), path));
    }

    private <T> T said(@Nullable T found, String path) throws StepAbortedException {
        if (found == null) {
            throw misbehaved("it does not say what is at " + path);
        }
        return found;
    }

    @Override
    public List<String> list(String directory) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        execute("listdir", Map.of("path", paths.absolute(directory)), answer, false);
        answer.requireSuccess("there is no directory " + directory);
        return said(answer.files(), directory);
    }

    @Override
    public List<String> glob(String pattern) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        execute("glob", Map.of("path", paths.absolute(pattern)), answer, false);
        answer.requireSuccess("can't look for " + pattern);
        return said(answer.files(), pattern).stream().map(paths::relative).sorted().toList();
    }

    @Override
    public void makeDirectory(String path) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        execute("mkdir", Map.of("paths", List.of(paths.absolute(path))), answer, false);
        answer.requireSuccess("can't make " + path);
    }

    @Override
    public void remove(String path) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        execute("rmdir", removing(path), answer, true);
        answer.requireSuccess("can't remove " + path);
    }

    @Override
    public void removeInAnyCase(String path) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        String id = commandIds.get();
        journal.started(id);
        CompletableFuture<?> ended = connection.startCommand(id, "rmdir", removing(path), answer);
        if (!interruption.await(ended, REMOVED_WITHIN)) {
            // It is ended when the worker comes back.
            connection.close("command " + id + " does not end");
            throw StepAbortedException.failed(
                    "%s is not removed within %s".formatted(path, Ending.seconds(REMOVED_WITHIN)));
        }
        requireAnswer(ended, id);
        journal.ended();
        answer.requireSuccess("can't remove " + path);
    }

    private Map<String, Object> removing(String path) throws StepAbortedException {
        return Map.of(
                "paths",
                List.of(paths.absolute(path)),
                "timeout",
                LONGEST_SILENCE_SECONDS,
                "logEnviron",
                false);
    }

    @Override
    public void removeFile(String path) throws IOException, StepAbortedException {
        AnswerListener answer = new AnswerListener();
        execute("rmfile", Map.of("path", paths.absolute(path)), answer, false);
        answer.requireSuccess("can't remove " + path);
    }

    @Override
    public void copyDirectory(String from, String to) throws IOException, StepAbortedException {
        requireDirectory(from);
        AnswerListener answer = new AnswerListener();
        execute(
                "cpdir",
                Map.of(
                        "from_path",
                        paths.absolute(from),
                        "to_path",
                        paths.absolute(to),
                        "timeout",
                        LONGEST_SILENCE_SECONDS,
                        "logEnviron",
                        false),
                answer,
                true);
        answer.requireSuccess("can't copy %s to %s".formatted(from, to));
    }

    @Override
    public long upload(String path, OutputStream to, @Nullable Long maxSize)
            throws IOException, StepAbortedException {
        UploadListener upload = new UploadListener(to, maxSize);
        Map<String, @Nullable Object> args = new HashMap<>();
        args.put("path", paths.absolute(path));
        args.put("maxsize", null);
        args.put("blocksize", BLOCK);
        args.put("keepstamp", false);
        receive("upload_file", args, upload, path);
        return upload.count();
    }

    @Override
    public void uploadDirectory(
            String path, OutputStream to, @Nullable Long maxSize, boolean compress)
            throws IOException, StepAbortedException {
        UploadListener upload = new UploadListener(to, maxSize);
        Map<String, @Nullable Object> args = new HashMap<>();
        args.put("path", paths.absolute(path));
        args.put("maxsize", null);
        args.put("blocksize", BLOCK);
        args.put("compress", compress ? "gz" : null);
        requireDirectory(path);
        receive("upload_directory", args, upload, path);
    }

    private void receive(
            String command,
            Map<String, ? extends @Nullable Object> args,
            UploadListener upload,
            String path)
            throws IOException, StepAbortedException {
        try {
            execute(command, args, upload, true);
        } catch (IOException e) {
            // What is too large is the file's fault, and not the master's that refused it.
            upload.requireWithin(path);
            throw e;
        }
        upload.requireSuccess("can't read " + path);
    }

    /** What the worker itself would say of it is a traceback. */
    private void requireDirectory(String path) throws IOException, StepAbortedException {
        Optional<FileStatus> found = stat(path);
        if (found.isEmpty() || found.get().kind() != Kind.DIRECTORY) {
            throw StepAbortedException.failed("there is no directory " + path);
        }
    }

    @Override
    public void download(InputStream from, String path, @Nullable Integer mode)
            throws IOException, StepAbortedException {
        int slash = path.lastIndexOf('/');
        if (slash > 0) {
            makeDirectory(path.substring(0, slash));
        }
        DownloadListener download = new DownloadListener(from);
        Map<String, @Nullable Object> args = new LinkedHashMap<>();
        args.put("path", paths.absolute(path));
        args.put("maxsize", null);
        args.put("blocksize", BLOCK);
        args.put("mode", mode);
        execute("download_file", args, download, true);
        download.requireSuccess("can't write " + path);
    }

    /**
     * Has the worker run a command, to its end.
     *
     * @param isLong whether it may go on when the worker is lost, and is to be ended then
     */
    private void execute(
            String command,
            Map<String, ? extends @Nullable Object> args,
            CommandListener listener,
            boolean isLong)
            throws IOException, StepAbortedException {
        requireNotInterrupted();
        requireThere();
        String id = commandIds.get();
        if (isLong) {
            journal.started(id);
        }
        CompletableFuture<?> ended = connection.startCommand(id, command, args, listener);
        boolean _ = interruption.await(interruption.or(ended), FOR_EVER);
        String reason = interruption.reason();
        if (!ended.isDone() && reason != null) {
            CompletableFuture<?> _ = connection.interrupt(id, reason);
            if (!interruption.await(ended, INTERRUPTED_WITHIN)) {
                // Whatever it does there, it is ended when the worker comes back.
                connection.close("command " + id + " does not end");
                throw StepAbortedException.interrupted(reason);
            }
        }
        requireAnswer(ended, id);
        if (isLong) {
            journal.ended();
        }
        if (reason != null && !(listener instanceof ShellListener)) {
            throw StepAbortedException.interrupted(reason);
        }
    }

    private void requireAnswer(CompletableFuture<?> ended, String id)
            throws IOException, StepAbortedException {
        try {
            Object _ = ended.get();
        } catch (ExecutionException | CompletionException e) {
            throw told(e.getCause() == null ? e : e.getCause(), id);
        } catch (InterruptedException e) {
            throw new IllegalStateException("a future that is done makes nobody wait", e);
        }
    }

    private StepAbortedException told(Throwable failure, String id) throws IOException {
        if (failure instanceof WorkerLostException) {
            return StepAbortedException.workerLost(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof RequestRefusedException) {
            return workersFault(String.valueOf(failure.getMessage()));
        }
        // The master could not take what the command said; the command itself goes on.
        CompletableFuture<?> _ = connection.interrupt(id, "its master can't follow it");
        if (failure instanceof WorkerMisbehavedException) {
            return misbehaved(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof IOException ofListener) {
            throw ofListener;
        }
        throw new IOException("command %s can't be followed: %s".formatted(id, failure), failure);
    }

    private StepAbortedException misbehaved(String what) {
        return workersFault("worker %s misbehaves: %s".formatted(connection.name(), what));
    }

    private static StepAbortedException workersFault(String why) {
        return StepAbortedException.workerRefused(Printable.cut(why, LONGEST_COMPLAINT));
    }

    /**
     * Else a step that always runs would put the id of a command that can't start in the place of
     * the one that was left running.
     */
    private void requireThere() throws StepAbortedException {
        CompletableFuture<String> closed = connection.closed();
        if (closed.isDone()) {
            throw StepAbortedException.workerLost(
                    "worker %s is lost: %s".formatted(connection.name(), closed.join()));
        }
    }

    private void requireNotInterrupted() throws StepAbortedException {
        String reason = interruption.reason();
        if (reason != null) {
            throw StepAbortedException.interrupted(reason);
        }
    }
}
