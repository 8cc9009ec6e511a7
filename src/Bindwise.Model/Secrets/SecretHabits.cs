namespace Bindwise.Model.Secrets;

/// <summary>Short options that mean a password to one program, and a port or a path to the next.</summary>
internal static class SecretHabits
{
    /// <summary>Whether the word behind this option is a secret to this program.</summary>
    public static bool TakesSecret(string program, string option) => (program, option) switch
    {
        ("sshpass" or "mongo" or "mongosh" or "mongodump" or "mongorestore" or "mongoexport" or "mongoimport", "-p") => true,
        ("redis-cli" or "valkey-cli" or "keydb-cli", "-a") => true,
        ("ldapsearch" or "ldapadd" or "ldapmodify" or "ldapdelete" or "ldapwhoami", "-w") => true,
        ("sqlcmd" or "bcp" or "tsql" or "mosquitto_pub" or "mosquitto_sub" or "ipmitool" or "unzip" or "zip", "-P") => true,
        ("snmpget" or "snmpwalk" or "snmpset", "-A" or "-X") => true,
        ("erl" or "beam.smp" or "iex" or "elixir", "-setcookie" or "--cookie") => true,
        ("openssl", "-k" or "-K") => true,
        _ => false,
    };

    /// <summary>Whether the word behind this option is user:password.</summary>
    public static bool TakesLogin(string program, string option) => (program, option) switch
    {
        ("curl", "-u" or "--user" or "-U" or "--proxy-user") => true,
        ("etcdctl", "--user") => true,
        ("smbclient" or "rpcclient" or "net", "-U" or "--user") => true,
        ("http" or "https" or "xh", "-a" or "--auth") => true,
        _ => false,
    };

    /// <summary>Where a secret begins that is written onto its option, as mysql's -pSECRET; 0 for nowhere.</summary>
    public static int AttachedAt(string program, string argument) => (program, argument) switch
    {
        ("mysql" or "mysqldump" or "mysqladmin" or "mysqlimport" or "mysqlcheck" or "mysqlshow" or "mysqlsh" or "mariadb" or "mariadb-dump" or "mariadb-admin",
            ['-', 'p', not '-', ..]) => 2,
        ("sshpass" or "7z" or "7za" or "7zr", ['-', 'p', _, ..]) => 2,
        ("curl", ['-', 'u', _, ..]) => 2,
        ("sqlcmd" or "bcp" or "unzip", ['-', 'P', _, ..]) => 2,
        ("ldapsearch" or "ldapadd" or "ldapmodify", ['-', 'w', _, ..]) => 2,
        (_, ['/', 'p', ':', _, ..]) when program.Contains("freerdp", StringComparison.Ordinal) => 3,
        _ => 0,
    };

    /// <summary>The option stands alone with this program: it asks, and what follows is something else.</summary>
    public static bool Asks(string program, string option) =>
        option == "--password" && (program.StartsWith("mysql", StringComparison.Ordinal) || program.StartsWith("mariadb", StringComparison.Ordinal) || program is "psql" or "pg_dump" or "pg_restore");

    /// <summary>A build's secret is a reference (<c>--secret id=npmrc,src=…</c>), not a secret.</summary>
    public static bool IsReference(string option, string value) => option == "--secret"
        && (value.StartsWith("id=", StringComparison.Ordinal) || value.StartsWith("source=", StringComparison.Ordinal) || value.StartsWith("type=", StringComparison.Ordinal));
}
