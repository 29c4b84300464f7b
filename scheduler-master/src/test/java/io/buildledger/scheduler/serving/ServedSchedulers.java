package io.buildledger.scheduler.serving;

import io.buildledger.configuring.ConfigurationFile;
import org.springframework.context.annotation.Bean;

/** Schedulers main, force and try of a builder; not a configuration by itself. */
public class ServedSchedulers {

    private static final String SCHEDULERS =
            """
            schedulers:
              - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
              - force:
                  name: force
                  builder_names: [linux]
                  reason_required: true
                  parameters: [int: {name: jobs, default: 1, max: 8}]
              - try: {name: try, builder_names: [linux]}
            builders:
              - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
            workers: [name: w1]
            """;

    @Bean
    ConfigurationFile fileWithSchedulers() {
        return ServedLog.file(SCHEDULERS);
    }
}
