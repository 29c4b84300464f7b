package io.buildledger.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What holds in every module that has a framework. */
public final class HouseRules {

    private HouseRules() {}

    @ArchTest
    static final ArchRule names_say_what_a_class_is_for =
            noClasses().should().haveNameMatching(".*(Utils?|Manager|Helper|Impl|Common)");

    @ArchTest
    static final ArchRule packages_are_free_of_cycles =
            slices().matching("io.buildledger.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_what_talks_to_a_terminal_writes_to_it =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("..starting..", "..commandline..", "..demonstrating..")
                    .and()
                    .haveNameNotMatching(".*\\.Buildledger(\\$.*)?")
                    .should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static final ArchRule the_databases_clock_decides =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("..commandline..", "..demonstrating..")
                    .should()
                    .callMethod(java.time.Instant.class, "now");
}
