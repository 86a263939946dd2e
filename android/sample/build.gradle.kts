// For Android Studio. This project's CI does not run Gradle: nobody has proved this file. The proved build is pom.xml.

plugins {
    id("com.android.application") version "8.9.1"
    id("org.jetbrains.kotlin.android") version "2.1.21"
}

kotlin {
    jvmToolchain(17)
}

// SYN-1, whose keys are published: in debug builds only.
val demoCard by tasks.registering(Copy::class) {
    from("../../tests/vectors") { include("syn-1.profile-v1.json", "syn-1.credentials.json") }
    into(layout.buildDirectory.dir("demo-card"))
}

android {
    namespace = "dev.bezant.sample"
    compileSdk = 35
    defaultConfig {
        minSdk = 24
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }
    buildTypes {
        release {
            // The library brings its rules along.
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }
    sourceSets["debug"].assets.srcDir(layout.buildDirectory.dir("demo-card"))
    testOptions.unitTests.all { it.useJUnitPlatform() }
}

tasks.named("preBuild") { dependsOn(demoCard) }

dependencies {
    // region dependencies
    implementation("dev.bezant:bezant-wallet:0.1.0")
    testImplementation("dev.bezant:bezant-wallet-testkit:0.1.0")
    // endregion
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    androidTestImplementation("dev.bezant:bezant-wallet-testkit:0.1.0")
    testImplementation("org.junit.jupiter:junit-jupiter:5.12.2")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:1.12.2")
}
