// For Android Studio. This project's CI does not run Gradle: nobody has proved this file. The proved build is pom.xml.

pluginManagement {
    repositories {
        google()
        mavenCentral()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
        // region repository
        // The folder that `cargo xtask aar` prints.
        maven(url = uri("../../target/maven"))
        // endregion
    }
}

rootProject.name = "bezant-sample"
