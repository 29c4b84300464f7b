package io.buildledger.scheduler.changing;

import com.google.re2j.Pattern;
import io.buildledger.configuring.Codebase;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.reloading.Reloadable;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Which codebase a change belongs to that names none: that of the first of the configuration's
 * {@code codebases} whose every condition it meets; none if there is no such one. A repository is
 * recognised by each of its addresses.
 */
@Component
public final class CodebaseRules implements Reloadable {

    private record Rule(
            String codebase,
            Set<String> repositories,
            @Nullable Pattern repository,
            @Nullable String project) {

        static Rule of(Codebase codebase) {
            return new Rule(
                    codebase.name(),
                    codebase.repositories().stream()
                            .map(RepositoryIdentity::of)
                            .collect(Collectors.toUnmodifiableSet()),
                    codebase.repositoryRe() == null
                            ? null
                            : Pattern.compile(codebase.repositoryRe()),
                    codebase.project());
        }

        boolean matches(NewChange change) {
            return (repositories.isEmpty()
                            || repositories.contains(RepositoryIdentity.of(change.repository())))
                    && (repository == null || repository.matches(change.repository()))
                    && (project == null || project.equals(change.project()));
        }
    }

    private volatile List<Rule> rules;

    @Autowired
    CodebaseRules(ConfigurationFile file) {
        this(file.configuration().codebases());
    }

    public CodebaseRules(List<Codebase> codebases) {
        this.rules = rules(codebases);
    }

    /** Goes by other rules from the next change on. */
    @Override
    public Runnable prepare(ConfigurationFile next) {
        List<Rule> prepared = rules(next.configuration().codebases());
        return () -> rules = prepared;
    }

    private static List<Rule> rules(List<Codebase> codebases) {
        return codebases.stream().map(Rule::of).toList();
    }

    NewChange applyTo(NewChange change) {
        if (!change.codebase().isEmpty()) {
            return change;
        }
        return rules.stream()
                .filter(rule -> rule.matches(change))
                .findFirst()
                .map(rule -> change.inCodebase(rule.codebase()))
                .orElse(change);
    }
}
