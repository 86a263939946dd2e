/** Programs that the Maven build runs: each does one step and has tests of its own. */
package dev.bezant.build;
