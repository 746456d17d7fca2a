using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.Exporter.Cli;

/// <summary>Writes the manual page, in the format of man(7), from the commands and flags themselves.</summary>
/// <param name="list">The commands and flags.</param>
sealed class ManPage(CommandList list)
{
    const string Program = "openclaw-exporter";

    readonly StringBuilder _page = new();

    /// <summary>Returns the page.</summary>
    public string Render()
    {
        _page.Append(CultureInfo.InvariantCulture, $".TH OPENCLAW-EXPORTER 1 \"\" \"{Program} {BuildInfo.Version}\"\n");

        // Long names of flags would tear holes into lines of equal length.
        _page.Append(".nh\n.ad l\n");
        Section("NAME");
        Text($"{Program} - find exhausted network resources of Linux, their owners and the remedy");
        Section("SYNOPSIS");
        _page.Append($".B {Escaped(Program)}\n[\\fIcommand\\fR] [\\fIflags\\fR]\n");
        Section("DESCRIPTION");
        Text(list.Description);
        Section("COMMANDS");
        foreach (var command in list.Commands)
        {
            _page.Append($".SS {Escaped(command.Name)}\n");
            Text(command.Description);
            foreach (var flag in command.Flags)
                Entry(flag);
            foreach (var example in command.Examples)
                _page.Append($".PP\n.RS\n.nf\n{Escaped($"{Program} {example}")}\n.fi\n.RE\n");
        }

        Section("FLAGS");
        Text(
            "Every command accepts these flags too. The command line overrides the environment variable of a flag, and "
                + "the variable overrides the file of --config.file."
        );
        foreach (var flag in list.Flags)
            Entry(flag);
        Section("COLLECTORS");
        foreach (var flag in list.CollectorFlagList)
            Entry(flag);
        Section("EXIT STATUS");
        foreach (var (code, meaning) in ExitCodes.All)
        {
            _page.Append(CultureInfo.InvariantCulture, $".TP\n.B {code}\n");
            Text(meaning.Replace("`", "", StringComparison.Ordinal));
        }

        Section("ENVIRONMENT");
        Text("Each flag names its variable in its description.");
        _page.Append(".TP\n.B NO_COLOR\n");
        Text("Turns colours off where it is not empty.");
        Section("SEE ALSO");
        _page.Append(".BR ss (8),\n.BR sysctl (8),\n.BR prometheus (1)\n");
        return _page.ToString();
    }

    void Section(string title) => _page.Append($".SH {title}\n");

    void Entry(ListedFlag flag)
    {
        var names = string.Join(", ", flag.Names.Select(static name => $"\\fB{Escaped(name)}\\fR"));
        _page.Append(".TP\n").Append(names);
        if (flag.Value is { } value)
            _page.Append($"=\\fI{Escaped(value)}\\fR");
        _page.Append('\n');
        Text(flag.Description);
    }

    /// <summary>Adds a paragraph, each sentence in a line of its own, as man-pages(7) asks.</summary>
    void Text(string text)
    {
        foreach (var sentence in text.Replace(". ", ".\n", StringComparison.Ordinal).Split('\n'))
            _page.Append(Escaped(sentence)).Append('\n');
    }

    /// <summary>Returns text without the signs that roff obeys.</summary>
    static string Escaped(string text)
    {
        var escaped = text.Replace(@"\", @"\e", StringComparison.Ordinal).Replace("-", @"\-", StringComparison.Ordinal);
        return escaped is ['.' or '\'', ..] ? @"\&" + escaped : escaped;
    }
}
