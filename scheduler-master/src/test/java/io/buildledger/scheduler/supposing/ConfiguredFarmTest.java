package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.replaying.ClusterState;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.supposing.Farm.Line;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ConfiguredFarmTest {

    private static ConfiguredFarm farm() {
        return new ConfiguredFarm(
                ServedLog.file(
                                """
                                builders:
                                  - {name: app, worker_names: [linux-1, linux-2, mac], factory: []}
                                  - {name: docs, worker_names: [linux-2], factory: []}
                                  - {name: dmg, worker_names: [mac], factory: []}
                                workers:
                                  - {name: linux-1, password: secret, max_builds: 3}
                                  - {name: linux-2, password: secret}
                                  - {name: mac, password: secret, counts_as: {app: 2}, max_builds: 2}
                                """)
                        .configuration(),
                new RecordedTime(new ClusterState()));
    }

    private static String told(Farm farm) {
        return farm.lines().entrySet().stream()
                .map(it -> it.getKey() + "=" + told(farm, it.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String told(Farm farm, Line line) {
        return line.machines().stream()
                .map(farm.machines()::get)
                .map(it -> it.name() + ":" + it.maxBuilds())
                .collect(Collectors.joining(","));
    }

    @ParameterizedTest(name = "{0} gives {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "linux=3 | app=linux=3/1:3,linux=3/2:3,linux=3/3:3,mac:2 dmg=mac:2 docs=linux=3/1:3,linux=3/2:3,linux=3/3:3",
                "linux-2=2 | app=linux-1:3,linux-2=2/1:1,linux-2=2/2:1,mac:2 dmg=mac:2 docs=linux-2=2/1:1,linux-2=2/2:1",
                // No worker's name begins so, but a builder has it.
                "docs=1 | app=linux-1:3,docs=1/1:1,mac:2 dmg=mac:2 docs=docs=1/1:1",
                "mac=1 | app=linux-1:3,linux-2:1,mac=1/1:2 dmg=mac=1/1:2 docs=linux-2:1"
            })
    void so_many_workers_stand_in_the_place_of_some(String given, String lines) {
        ConfiguredFarm farm = farm();
        int equals = given.lastIndexOf('=');

        farm.replace(given.substring(0, equals), Integer.parseInt(given.substring(equals + 1)));

        assertThat(told(farm.farm())).isEqualTo(lines);
    }

    @Test
    void a_name_that_stands_for_nothing_is_refused() {
        assertThatThrownBy(() -> farm().replace("windows", 2))
                .isInstanceOf(UnknownWorkersException.class)
                .hasMessage(
                        "no worker's name begins with 'windows', and no builder is called so: workers are linux-1, linux-2, mac, builders app, dmg, docs");
    }

    @Test
    void workers_that_did_nothing_are_told() {
        assertThat(farm().remarks())
                .containsExactly(
                        "these workers began no build in that time, and are taken to be there: linux-1, linux-2, mac");
    }
}
