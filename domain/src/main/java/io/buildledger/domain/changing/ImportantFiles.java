package io.buildledger.domain.changing;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import java.util.List;

/**
 * Which changes are worth a build, by the files that they touch: those with a file that matches one
 * of {@code include} (an empty list means every file) and none of {@code exclude}. A change whose
 * source named no files is important, because nobody can tell that it is not.
 */
public record ImportantFiles(List<PathGlob> include, List<PathGlob> exclude) {

    /** Every change is important. */
    public static final ImportantFiles ALL = new ImportantFiles(List.of(), List.of());

    public ImportantFiles {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    public boolean areIn(ChangeReceived change) {
        return change.files().isEmpty() || change.files().stream().anyMatch(this::isImportant);
    }

    private boolean isImportant(String file) {
        return (include.isEmpty() || include.stream().anyMatch(it -> it.matches(file)))
                && exclude.stream().noneMatch(it -> it.matches(file));
    }
}
