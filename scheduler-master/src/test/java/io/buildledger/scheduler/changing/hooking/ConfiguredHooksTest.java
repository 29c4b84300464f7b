package io.buildledger.scheduler.changing.hooking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ConfiguredHooksTest {

    @TempDir Path directory;

    private ConfigurationFile file(String hooks) throws IOException {
        return ConfigurationFile.read(
                Files.writeString(
                        directory.resolve("cluster.yaml"),
                        HookedMaster.LEAST + "change_hooks: " + hooks + "\n"));
    }

    @Test
    void other_hooks_are_gone_by_once_they_are_in_force_and_not_before() throws IOException {
        ConfiguredHooks hooks = new ConfiguredHooks(file("{github: {secret: one}}"));

        Runnable inForce = hooks.prepare(file("{gitlab: {secret: two}}"));
        assertThatCode(() -> hooks.forge("github")).doesNotThrowAnyException();
        assertThatThrownBy(() -> hooks.forge("gitlab")).isInstanceOf(HookRefusedException.class);

        inForce.run();
        assertThatThrownBy(() -> hooks.forge("github")).isInstanceOf(HookRefusedException.class);
        assertThatCode(() -> hooks.forge("gitlab")).doesNotThrowAnyException();
    }

    @Test
    void without_a_password_everybody_may_send_unless_the_file_says_who_may_what()
            throws IOException {
        String access =
                "{}\naccess: {roles: [{name: readers, who: everyone, may: [view]}], users_file: u}";
        Files.writeString(directory.resolve("u"), "");
        ConfiguredHooks hooks = new ConfiguredHooks(file("{}"));

        assertThatCode(() -> hooks.base().require(null)).doesNotThrowAnyException();

        hooks.prepare(file(access)).run();
        assertThatThrownBy(() -> hooks.base().require(null))
                .isInstanceOf(HookRefusedException.class)
                .hasMessageContaining(
                        "add change_hooks: {base: {user: NAME, password_file: FILE}}");
    }

    @Test
    void the_file_of_a_secret_is_read_anew_and_has_to_be_there() throws IOException {
        Path secret = Files.writeString(directory.resolve("gh"), "one");
        ConfigurationFile file = file("{github: {secret_file: gh}}");
        ConfiguredHooks hooks = new ConfiguredHooks(file);
        Forge before = hooks.forge("github");

        Files.delete(secret);
        assertThatThrownBy(() -> hooks.prepare(file.readAgain()))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(
                        "cluster.yaml:3:25: change_hooks.github.secret_file: there is no file");
        assertThat(hooks.forge("github")).isSameAs(before);

        Files.writeString(secret, "two");
        hooks.prepare(file.readAgain()).run();
        assertThat(hooks.forge("github")).isNotSameAs(before);
    }
}
