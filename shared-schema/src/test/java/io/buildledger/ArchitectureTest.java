package io.buildledger;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import com.tngtech.archunit.lang.ArchRule;
import io.buildledger.testing.HouseRules;

@AnalyzeClasses(packages = "io.buildledger", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest static final ArchTests house_rules = ArchTests.in(HouseRules.class);

    @ArchTest
    static final ArchRule only_the_log_knows_Axon =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.buildledger.log")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.axonframework..");

    @ArchTest
    static final ArchRule only_the_start_of_a_master_knows_Spring_Boot =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.buildledger.starting")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.springframework.boot..");
}
