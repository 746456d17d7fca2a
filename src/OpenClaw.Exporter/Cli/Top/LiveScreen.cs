using System.Globalization;
using System.Text;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>
/// The alternate screen of a terminal. It writes only lines that changed. Its few sequences are those of ECMA-48 and
/// xterm, which every terminal of today knows. Spectre.Console 0.57 would add 660 KB to the compressed binary.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="terminal">Its size and keys.</param>
sealed class LiveScreen(Stream output, ControllingTerminal terminal) : IDisposable
{
    /// <summary>The size where the terminal does not know its own: that of the VT100.</summary>
    static readonly (int Columns, int Rows) Usual = (80, 24);

    readonly Lock _lock = new();
    string[] _shown = [];
    (int Columns, int Rows) _size;
    bool _isOpen;

    /// <summary>The columns and rows now.</summary>
    public (int Columns, int Rows) Size => terminal.Size is (> 0, > 0) size ? size : Usual;

    /// <summary>
    /// Opens the screen, hides the cursor, and takes the keys. Returns false where the terminal is gone.
    /// </summary>
    public bool Open()
    {
        lock (_lock)
        {
            if (!terminal.TakeKeys())
                return false;
            _isOpen = true;
            _shown = [];
            Write("\e[?1049h\e[?25l\e[2J");
            return true;
        }
    }

    /// <summary>Shows the lines.</summary>
    /// <param name="lines">The lines for a terminal, the uppermost first.</param>
    /// <param name="size">The size that they were made for.</param>
    public void Show(string[] lines, (int Columns, int Rows) size)
    {
        lock (_lock)
        {
            if (!_isOpen)
                return;
            var changes = new StringBuilder();
            if (size != _size)
            {
                changes.Append("\e[2J");
                _shown = [];
            }

            for (var row = 0; row < lines.Length; row++)
            {
                // The line is cleared first: a terminal with a full line would clear its last column too.
                if (row >= _shown.Length || _shown[row] != lines[row])
                    changes.Append(CultureInfo.InvariantCulture, $"\e[{row + 1};1H\e[2K{lines[row]}");
            }

            (_shown, _size) = (lines, size);
            if (changes.Length > 0)
                Write(changes.ToString());
        }
    }

    /// <summary>Shows the cursor and the screen from before, and gives the keys back.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (!_isOpen)
                return;
            _isOpen = false;
            try
            {
                Write("\e[0m\e[?25h\e[?1049l");
            }
            catch (OutputException)
            {
                // The terminal is gone.
            }

            terminal.GiveKeysBack();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    void Write(string text) => output.Write(Encoding.UTF8.GetBytes(text));
}
