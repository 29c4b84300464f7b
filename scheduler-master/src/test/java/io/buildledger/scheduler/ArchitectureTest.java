package io.buildledger.scheduler;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;
import io.buildledger.testing.HouseRules;

@AnalyzeClasses(packages = "io.buildledger.scheduler", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest static final ArchTests house_rules = ArchTests.in(HouseRules.class);
}
