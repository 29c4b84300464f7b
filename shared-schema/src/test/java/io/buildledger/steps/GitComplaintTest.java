package io.buildledger.steps;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitComplaintTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    # command | code | what git said                                                                           | may pass | others     | missing
                    fetch     | 128  | fatal: unable to access 'http://h/a/': The requested URL returned error: 503              | true     | true       | false
                    fetch     | 128  | fatal: unable to access 'http://h/a/': The requested URL returned error: 429              | true     | true       | false
                    fetch     | 128  | fatal: unable to access 'http://h/a/': The requested URL returned error: 403              | false    | true       | false
                    fetch     | 128  | fatal: unable to access 'http://h/a/': Could not resolve host: h                          | true     | true       | false
                    fetch     | 128  | fatal: unable to access 'http://h/a/': Failed to connect to h port 80: Connection refused | true     | true       | false
                    fetch     | 128  | fatal: early EOF                                                                          | true     | true       | false
                    fetch     | 128  | fatal: the remote end hung up unexpectedly                                                | true     | true       | false
                    fetch     | 141  |                                                                                           | true     | true       | false
                    fetch     | -1   |                                                                                           | true     | true       | false
                    fetch     | 128  | fatal: repository 'http://h/a/' not found                                                 | false    | true       | false
                    fetch     | 128  | fatal: Authentication failed for 'http://h/a/'                                            | false    | true       | false
                    fetch     | 128  | fatal: could not read Username for 'http://h': terminal prompts disabled                  | false    | true       | false
                    fetch     | 128  | fatal: 'x' does not appear to be a git repository                                         | false    | true       | false
                    fetch     | 128  | fatal: transport 'ext' not allowed                                                        | false    | true       | false
                    fetch     | 255  | git@h: Permission denied (publickey).                                                     | false    | true       | false
                    fetch     | 255  | Host key verification failed.                                                             | false    | true       | false
                    fetch     | 255  | ssh: connect to host h port 22: Connection timed out                                      | true     | true       | false
                    fetch     | 128  | fatal: couldn't find remote ref refs/heads/x                                              | false    | false      | true
                    fetch     | 1    | error: cannot lock ref 'refs/remotes/origin/a'                                            | true     | false      | false
                    fetch     | 128  | fatal: not a git repository: 'build/.git'                                                 | true     | false      | false
                    ls-remote | 128  | fatal: unable to access 'http://h/a/': Could not resolve host: h                          | true     | true       | false
                    submodule | 1    | fatal: clone of 'http://h/lib' into submodule path 'lib' failed                           | true     | false      | false
                    config    | 255  | error: could not lock config file                                                         | false    | false      | false
                    apply     | 1    | error: patch failed: a.txt:1                                                              | false    | false      | false
                    """)
    void what_git_says_decides_what_is_tried_next(
            String command,
            int code,
            String said,
            boolean mayPass,
            boolean others,
            boolean missing) {
        GitComplaint complaint = new GitComplaint(command, code, said == null ? "" : said);

        assertThat(complaint.mayPass()).isEqualTo(mayPass);
        assertThat(complaint.isOfOthers()).isEqualTo(others);
        assertThat(complaint.isOfMissingRef()).isEqualTo(missing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    fatal: remote error: upload-pack: not our ref 1234                                       | true
                    error: Server does not allow request for unadvertised object 1234                        | true
                    fatal: git upload-pack: not our ref 1234                                                 | true
                    fatal: couldn't find remote ref 1234                                                     | true
                    fatal: early EOF                                                                         | false
                    """)
    void a_commit_that_is_not_given_alone_is_looked_for_otherwise(String said, boolean notGiven) {
        assertThat(new GitComplaint("fetch", 128, said).isOfIdNotGiven()).isEqualTo(notGiven);
    }

    @Test
    void the_first_line_that_git_calls_fatal_is_shown_without_credentials() {
        assertThat(
                        new GitComplaint(
                                        "fetch",
                                        128,
                                        "Receiving objects: 1%\rReceiving objects: 2%\nfatal: no http://me:pw@h/a\nfatal: x")
                                .firstLine())
                .isEqualTo("fatal: no http://***@h/a");
        assertThat(new GitComplaint("fetch", 1, "nothing that git said").firstLine()).isEmpty();
    }
}
