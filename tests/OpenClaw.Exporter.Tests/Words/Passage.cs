namespace OpenClaw.Exporter.Tests;

/// <summary>The use of a text, which decides how long it may be.</summary>
public enum PassageUse
{
    /// <summary>Sentences.</summary>
    Prose,

    /// <summary>Sentences of a docstring, which begin with a verb or with the thing.</summary>
    Docstring,

    /// <summary>A log line or the headline of an alert: short, and it may be a sentence.</summary>
    Label,

    /// <summary>A heading, the title of a panel or the head of a column: a noun phrase or a question.</summary>
    Title,
}

/// <summary>A text that people read.</summary>
/// <param name="Kind">The kind of file.</param>
/// <param name="Place">The file and the line, or the dashboard and the panel.</param>
/// <param name="Use">The use of the text.</param>
/// <param name="Text">The text. A piece of code in it is one word between backticks.</param>
sealed record Passage(string Kind, string Place, PassageUse Use, string Text);
