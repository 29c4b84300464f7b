package io.buildledger.builder.running;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.domain.rendering.Scope;
import io.buildledger.secrets.Scrubber;
import io.buildledger.secrets.Secret;
import io.buildledger.secrets.Secrets;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.Worker;
import java.util.Map;
import java.util.Optional;

/**
 * What the texts of a step can name. A secret is known to the scrubber before anybody else has it.
 *
 * @param keywords the parameters that stand beside the step's texts
 */
record BuildScope(
        CurrentBuild build,
        BuildProperties properties,
        Map<String, Object> keywords,
        Worker worker,
        Secrets secrets,
        Scrubber scrubber)
        implements Scope {

    @Override
    public Optional<Object> property(String name) {
        return properties.value(name);
    }

    @Override
    public Optional<SourceStamp> sourceStamp(String codebase) {
        return build.sourceStamps().stream()
                .filter(it -> it.codebase().equals(codebase))
                .findFirst();
    }

    @Override
    public Optional<Object> keyword(String name) {
        return Optional.ofNullable(keywords.get(name));
    }

    @Override
    public Optional<String> secret(String name) {
        Optional<Secret> secret = secrets.find(name);
        secret.ifPresent(scrubber::add);
        return secret.map(Secret::value);
    }

    @Override
    public Optional<Object> worker(String key) {
        return worker.info(key);
    }
}
