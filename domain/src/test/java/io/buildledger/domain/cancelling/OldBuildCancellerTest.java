package io.buildledger.domain.cancelling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.cancelling.OldBuildCanceller.Filter;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.changing.TextRule;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OldBuildCancellerTest {

    private static final TextRule NOT_STABLE =
            new TextRule(Set.of(), Set.of("stable"), List.of(), List.of());

    private static final OldBuildCanceller CANCELLER =
            new OldBuildCanceller(
                    "newest",
                    List.of(
                            new Filter(
                                    Set.of("linux", "docs"),
                                    SourceStampFilter.onBranch(NOT_STABLE)),
                            new Filter(
                                    Set.of("arm"),
                                    SourceStampFilter.onBranch(TextRule.oneOf("main"))),
                            new Filter(
                                    Set.of("arm"),
                                    SourceStampFilter.onBranch(TextRule.oneOf("dev")))));

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a newer change that is asked for ends the older | c1 main; r1 linux main :1; c2 main; r2 linux main :2 | 1 by 2
                    a change alone ends nothing                     | c1 main; r1 linux main :1; c2 main |
                    one by one                                      | c1 main; r1 linux main :1; c2 main; r2 linux main :2; c3 main; r3 linux main :3 | 1 by 2, 2 by 3
                    all older ones                                  | c1 main; r1 linux main :1; r2 linux main :1; c2 main; r3 linux main :2 | 1 by 3, 2 by 3
                    nothing on another branch                       | c1 main; r1 linux main :1; c2 dev; r2 linux dev :2 |
                    nothing of another builder                      | c1 main; r1 linux main :1; c2 main; r2 docs main :2 |
                    each builder by itself                          | c1 main; r1 linux+docs main :1; c2 main; r3 docs main :2; c3 main; r4 linux+docs main :3 | 2 by 3, 1 by 4, 3 by 5
                    no builder that is not named                    | c1 main; r1 mac main :1; c2 main; r2 mac main :2 |
                    no branch that does not pass                    | c1 stable; r1 linux stable :1; c2 stable; r2 linux stable :2 |
                    any of a builder's filters will do              | c1 main; r1 arm main :1; c2 dev; r2 arm dev :2; c3 dev; r3 arm dev :3; c4 main; r4 arm main :4 | 2 by 3, 1 by 4
                    none of its own siblings                        | c1 main; r1 linux+docs main :1 |
                    none for the same change                        | c1 main; r1 linux main :1; r2 linux main :1 |
                    none for an older change                        | c1 main; c2 main; r1 linux main :2; r2 linux main :1 |
                    two of one push                                 | c1 main; c2 main; r1 linux main :1; r2 linux main :2 | 1 by 2
                    the newest of several counts                    | c1 main; c2 main; r1 linux main :1,2; r2 linux main :2; c3 main; r3 linux main :3 | 1 by 3, 2 by 3
                    none that has ended                             | c1 main; r1 linux main :1; e1; c2 main; r2 linux main :2 |
                    what was forced before the change               | r1 linux main; c1 main; r2 linux main :1 | 1 by 2
                    what was forced after the change goes on        | c1 main; r1 linux main; r2 linux main :1 |
                    what is forced ends nothing                     | c1 main; r1 linux main :1; c2 main; r2 linux main |
                    a change of another branch makes nothing newer  | c1 main; r1 linux main :1; c2 dev; r2 linux main :2 |
                    no branch                                       | c1 -; r1 linux - :1; c2 -; r2 linux - :2 |
                    no branch in one codebase                       | c1 main; r1 linux main,lib/- :1; c2 main; r2 linux main :2 |
                    but such a one ends others                      | c1 main; r1 linux main :1; c2 main; r2 linux main,lib/- :2 | 1 by 2
                    one of several codebases is enough              | c1 main; r1 linux main,lib/dev :1; c2 lib/dev; r2 linux main,lib/dev :2 | 1 by 2
                    of two newer ones the first ends it             | c1 main; c2 lib/dev; r1 linux main,lib/dev :1,2; c3 main; c4 lib/dev; r2 linux main,lib/dev :3,4 | 1 by 2
                    a branch in another codebase is another         | c1 main; r1 linux main :1; c2 lib/main; r2 linux lib/main :2 |
                    a codebase that does not pass does not count    | c1 main; c2 lib/stable; r1 linux main,lib/stable :1,2; c3 lib/stable; r2 linux dev,lib/stable :3 |
                    what a build waits for is not ended             | c1 main; r1 linux main :1 waited; c2 main; r2 linux main :2 |
                    and ends nothing                                | c1 main; r1 linux main :1; c2 main; r2 linux main :2 waited |
                    a patch is not ended                            | r1 linux main patch; c1 main; r2 linux main :1 |
                    and ends nothing, either                        | c1 main; r1 linux main :1; c2 main; r2 linux main :2 patch |
                    a rebuild is not ended                          | c1 main; r1 linux main :1 rebuild; c2 main; r2 linux main :2 |
                    nor does it end others                          | c1 main; r1 linux main :1; c2 main; r2 linux main :2 rebuild |
                    patch sets of a change in Gerrit are one branch | c1 refs/changes/10/110/1; r1 linux refs/changes/10/110/1 :1; c2 refs/changes/10/110/2; r2 linux refs/changes/10/110/2 :2 | 1 by 2
                    those of another change are not                 | c1 refs/changes/10/110/1; r1 linux refs/changes/10/110/1 :1; c2 refs/changes/10/210/1; r2 linux refs/changes/10/210/1 :2 |
                    """)
    void what_ends(String what, String story, String ended) {
        BranchBoard board = new BranchBoard(CANCELLER).play(story);

        assertThat(String.join(", ", board.ended())).as(what).isEqualTo(ended == null ? "" : ended);
    }

    @Test
    void the_reason_says_which_change_came_after_which() {
        assertThat(
                        new BranchBoard(CANCELLER)
                                .play("c12 main; r40 linux main :12; c17 main; r41 linux main :17")
                                .reasons())
                .containsExactly(
                        "change 17 on branch main of repo came after change 12, and request 41 builds it");
        assertThat(
                        new BranchBoard(CANCELLER)
                                .play("r40 linux lib/main; c17 lib/main; r41 linux lib/main :17")
                                .reasons())
                .containsExactly(
                        "change 17 on branch main of repo, codebase lib came after this request, and request 41 builds it");
    }

    @Test
    void another_project_or_repository_is_another_branch() {
        Branch branch = Branch.of(new SourceStamp("r", "main", "a", "p", "")).orElseThrow();

        assertThat(Branch.of(new SourceStamp("r", "main", "b", "p", ""))).contains(branch);
        assertThat(Branch.of(new SourceStamp("r2", "main", "a", "p", "")))
                .isPresent()
                .get()
                .isNotEqualTo(branch);
        assertThat(Branch.of(new SourceStamp("r", "main", "a", "p2", "")))
                .isPresent()
                .get()
                .isNotEqualTo(branch);
    }
}
