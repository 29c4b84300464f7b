package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.Scheduler;
import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;

/** A configuration file that was read and checked. */
public final class ConfigurationFile {

    private final Path file;
    private final Configuration configuration;
    private final YamlPositions positions;

    private ConfigurationFile(Path file, ConfigurationReader.Reading reading) {
        this.file = file;
        this.configuration = reading.configuration();
        this.positions = reading.positions();
    }

    /**
     * Reads and checks a file.
     *
     * @throws InvalidConfigurationException with all that is wrong
     */
    public static ConfigurationFile read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new InvalidConfigurationException(List.of(file + ": there is no such file"));
        } catch (MalformedInputException e) {
            throw new InvalidConfigurationException(List.of(file + ": is not UTF-8 text"));
        } catch (IOException e) {
            throw new InvalidConfigurationException(
                    List.of(file + ": can't be read: " + e.getMessage()));
        }
        return new ConfigurationFile(file, new ConfigurationReader(file).read(text));
    }

    public Configuration configuration() {
        return configuration;
    }

    /**
     * Looks also for what a master needs beside the file, on this machine: the file of the
     * password.
     *
     * @throws InvalidConfigurationException if it can't be read
     */
    public void check() {
        password();
    }

    /**
     * The database that the file names.
     *
     * @throws InvalidConfigurationException if the password's file can't be read
     */
    public Database database() {
        return new Database(configuration.dbUrl(), configuration.dbUser(), password());
    }

    private String password() {
        Path passwordFile = configuration.dbPasswordFile();
        if (passwordFile == null) {
            String password = configuration.dbPassword();
            return password == null ? "" : password;
        }
        Path path = beside(passwordFile);
        try {
            return Files.readString(path).strip();
        } catch (NoSuchFileException e) {
            throw passwordProblem("there is no file " + path + ": write the password to it");
        } catch (AccessDeniedException e) {
            throw passwordProblem("this user may not read " + path + ": allow it");
        } catch (MalformedInputException e) {
            throw passwordProblem(path + " is not UTF-8 text: write the password to it");
        } catch (IOException e) {
            throw passwordProblem(
                    path + " can't be read: name a file of text (" + e.getMessage() + ")");
        }
    }

    private InvalidConfigurationException passwordProblem(String message) {
        return new InvalidConfigurationException(
                List.of(
                        "%s:%s: db_password_file: %s"
                                .formatted(file, positions.of("/db_password_file"), message)));
    }

    /** Where a builder master of this name keeps its builds. */
    public Path basedir(String master) {
        Path basedir = configuration.basedir();
        return beside(basedir == null ? Path.of("builds") : basedir).resolve(master);
    }

    private Path beside(Path path) {
        return file.toAbsolutePath().resolveSibling(path).normalize();
    }

    /**
     * SHA-256 of a scheduler's configuration, in hexadecimal: the same for files that say the same,
     * and for later versions that know more keys.
     */
    public static String digest(Scheduler scheduler) {
        return DigestUtils.sha256Hex(CanonicalForm.of(scheduler));
    }

    /**
     * Tells apart what builders do: the first 12 hexadecimal digits of the SHA-256 of steps and
     * environment.
     */
    public static String fingerprint(Configuration.Builder builder) {
        Work work = new Work(builder.env(), builder.factory());
        return DigestUtils.sha256Hex(CanonicalForm.of(work)).substring(0, 12);
    }

    /** What a builder does; the declared type of the steps lets each be written with its type. */
    private record Work(Map<String, String> env, List<Configuration.Step> factory) {
        Work {
            env = env == null ? Map.of() : env;
            factory = factory == null ? List.of() : factory;
        }
    }
}
