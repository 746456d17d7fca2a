using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OpenClaw.Exporter.Web;

/// <summary>What an attempt to name a user and a password came to.</summary>
enum PasswordCheck
{
    /// <summary>It is the user's.</summary>
    Right,

    /// <summary>It is not, or there is no such user.</summary>
    Wrong,

    /// <summary>Too many attempts wait to be looked at.</summary>
    Busy,
}

/// <summary>
/// Compares passwords with their bcrypt hashes. That costs tens of milliseconds of CPU by design: one at a time, few may
/// wait, and one that was right is remembered. A name that does not exist costs as much as one that does.
/// </summary>
sealed class Passwords : IDisposable
{
    /// <summary>bcrypt ignores what is behind 72 bytes, so that many passwords can be right.</summary>
    const int RememberedAtMost = 100;

    const int WaitingAtMost = 32;

    readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    readonly HashSet<string> _remembered = [];
    readonly SemaphoreSlim _turn = new(1);
    int _waiting;

    /// <summary>Looks at one attempt.</summary>
    /// <param name="users">Names and bcrypt hashes; at least one.</param>
    /// <param name="user">The name that was given.</param>
    /// <param name="password">The password that was given.</param>
    /// <param name="cancellation">Given up when the client goes away before its turn.</param>
    public async Task<PasswordCheck> CheckAsync(ImmutableDictionary<string, string> users, string user, string password, CancellationToken cancellation)
    {
        var isKnown = users.TryGetValue(user, out var hash);

        // Of an unknown user the most expensive hash: cost is what a hash begins with.
        hash ??= users.Values.MaxBy(static hash => hash[4..6])!;
        var name = Name(hash, password);
        if (isKnown && IsRemembered(name))
            return PasswordCheck.Right;

        if (Interlocked.Increment(ref _waiting) > WaitingAtMost)
        {
            Interlocked.Decrement(ref _waiting);
            return PasswordCheck.Busy;
        }

        try
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                var isRight = await Task.Run(() => BCrypt.Net.BCrypt.Verify(password, hash), CancellationToken.None);
                if (!isRight || !isKnown)
                    return PasswordCheck.Wrong;
                Remember(name);
                return PasswordCheck.Right;
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>What a right password is remembered by; neither it nor something to try passwords on.</summary>
    string Name(string hash, string password) => Convert.ToHexString(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{hash}\0{password}")));

    bool IsRemembered(string name)
    {
        lock (_remembered)
            return _remembered.Contains(name);
    }

    void Remember(string name)
    {
        lock (_remembered)
        {
            if (_remembered.Count >= RememberedAtMost)
                _remembered.Clear();
            _remembered.Add(name);
        }
    }
}
