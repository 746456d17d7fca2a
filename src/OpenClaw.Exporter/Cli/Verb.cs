using System.Collections.Immutable;
using System.CommandLine;

namespace OpenClaw.Exporter.Cli;

/// <summary>A command of the program, such as diagnose.</summary>
/// <param name="name">The name.</param>
/// <param name="description">The purpose, for --help.</param>
/// <param name="examples">The examples of --help: the arguments behind the program's name.</param>
sealed class Verb(string name, string description, params ImmutableArray<string> examples) : Command(name, description)
{
    /// <summary>The examples of --help.</summary>
    public ImmutableArray<string> Examples => examples;
}
