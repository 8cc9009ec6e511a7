namespace Bindwise.Model.Secrets;

/// <summary>
/// What programs take without a telling name: <c>-p</c> is a password to sshpass, a port to ssh. Programs with the same options are one
/// family. Source: the programs' manual pages.
/// </summary>
internal static class ProgramSecrets
{
    /// <summary>The family of a program; null for one that is not in the table.</summary>
    public static string? FamilyOf(string program) => program switch
    {
        "mysql" or "mysqldump" or "mysqladmin" or "mysqlimport" or "mysqlcheck" or "mysqlshow" or "mysqlsh" or "mysqlpump" or "mysqlslap"
            or "mysqlbinlog" or "mysql_upgrade" or "mariadb"
            or "mariadb-dump" or "mariadb-admin" or "mariadb-check" or "mariadb-import" or "mariadb-show" or "mariadb-backup"
            or "mariabackup" or "xtrabackup" or "innobackupex" or "mycli"
            or "mytop" => "mysql",
        "psql" or "pg_dump" or "pg_dumpall" or "pg_restore" or "pg_basebackup" or "createdb" or "dropdb" or "createuser" or "pgcli" =>
            "psql",
        "mongo" or "mongosh" or "mongodump" or "mongorestore" or "mongoexport" or "mongoimport" or "mongostat" or "mongotop" or "mongofiles"
            or "mydumper" or "myloader" or "mongod" => "mongo",
        "redis-cli" or "valkey-cli" or "keydb-cli" or "redis-benchmark" or "valkey-benchmark" or "iredis" or "redli" => "redis-cli",
        "ldapsearch" or "ldapadd" or "ldapmodify" or "ldapdelete" or "ldapwhoami" or "ldappasswd" or "ldapmodrdn" or "ldapcompare"
            or "ldapexop" => "ldap",
        "sqlcmd" or "bcp" or "tsql" or "osql" or "isql" or "mssql-cli" or "mssql-scripter" => "sqlcmd",
        "smbclient" or "rpcclient" or "smbcacls" or "smbget" or "smbtree" or "winexe" or "net" or "wmic" or "smbmap" or "pth-winexe" =>
            "samba",
        "snmpget" or "snmpwalk" or "snmpset" or "snmpbulkwalk" or "snmpbulkget" or "snmpgetnext" or "snmptrap" or "snmptable" or "snmpdf"
            or "snmpstatus" or "snmpinform" => "snmp",
        "mosquitto_pub" or "mosquitto_sub" or "mosquitto_rr" => "mosquitto",
        "7z" or "7za" or "7zr" or "7zz" or "rar" or "unrar" => "archive",
        "zip" or "unzip" or "zipcloak" => "zip",
        "erl" or "beam.smp" or "iex" or "elixir" or "rabbitmq-server" => "erl",
        "ss-server" or "ss-local" or "ss-redir" or "ss-tunnel" or "ss-manager" or "ssserver" or "sslocal" or "ssmanager" or "ssservice"
            or "shadowsocks-server" or "shadowsocks-local"
            or "obfs-server" => "shadowsocks",
        "sqlplus" or "sqlldr" or "expdp" or "impdp" or "exp" or "imp" or "rman" or "sql" or "sqlcl" or "tkprof" => "oracle",
        "plink" or "pscp" or "psftp" or "putty" or "nzsql" or "nodetool" or "ykman" => "pw",
        "rabbitmqctl" or "rabbitmq-diagnostics" => "rabbitmqctl",
        "docker" or "podman" or "nerdctl" or "buildah" or "docker-compose" or "podman-compose" or "crun" or "runc" or "bwrap" or "chroot" =>
            "container",
        "skopeo" => "skopeo",
        "k3s" or "rke2" or "k3d" or "k0s" => "k3s",
        "consul" or "nomad" or "serf" => "gossip",
        "nats-server" or "gnatsd" => "nats-server",
        "ttyd" or "gotty" or "wetty" => "ttyd",
        "vault" or "bao" => "vault",
        "http" or "https" or "xh" or "xhs" or "miniserve" => "httpie",
        "xfreerdp" or "wlfreerdp" or "xfreerdp3" or "sdl-freerdp" or "freerdp" => "freerdp",
        "x264" or "x265" or "ffmpeg" or "ffprobe" or "vpxenc" or "aomenc" or "SvtAv1EncApp" => "encoder",
        "ssh" or "scp" or "sftp" or "rsync" or "sudo" or "env" => "plain",
        "microk8s" or "microk8s.join" => "microk8s",
        "useradd" or "usermod" or "groupadd" or "newusers" => "useradd",
        "x11vnc" or "Xvnc" or "x0vncserver" or "vncserver" => "vnc",
        "transmission-daemon" or "transmission-remote" => "transmission",
        "htpasswd" or "htdigest" => "htpasswd",
        "frpc" or "frps" => "frp",
        "npm" or "pnpm" or "yarn" => "npm",
        "redis-server" or "redis-sentinel" or "valkey-server" or "valkey-sentinel" or "keydb-server" => "redis-server",
        "lftp" or "sshpass" or "curl" or "etcdctl" or "ldapvi" or "openssl" or "ipmitool" or "aws" or "git" or "pip" or "pip3" or "poetry"
            or "gcloud" or "nmcli" or "iwctl" or "rclone" or "pppd"
            or "pdftk" or "snap" or "composer" or "bw" or "ngrok" or "cloudflared" or "snyk" or "mc" or "mcli" or "fly" or "flyctl"
            or "heroku" or "doppler" or "gh" or "kubectl" or "oc"
            or "wpa_passphrase" or "mysqladmin" or "steghide" or "cqlsh" or "cypher-shell" or "neo4j-admin" or "beeline" or "rdesktop"
            or "psexec" or "evil-winrm" or "crackmapexec" or "nxc"
            or "rabbitmqadmin" or "az" or "couchbase-cli" or "cbq" or "swaks" or "brook" or "radtest" or "dotnet" or "sipp" or "hostapd_cli"
            or "wpa_cli" or "nuget" or "signtool" or "knife" or "sendemail" or "sendEmail" or "kadmin" or "kadmin.local" or "slappasswd"
            or "chisel" or "gost" or "microsocks"
            or "vsql" or "gbak" or "gsec" or "isql-fb" or "teleport" or "gitlab-runner" or "caddy" or "s3cmd" or "pkcs11-tool"
            or "softhsm2-util" or "rcon-cli" or "mcrcon" or "zkCli.sh" or "pulumi"
            or "argocd" or "wg" or "influx" or "qemu-system-x86_64" or "sipsak" or "ncat" or "dsmadmc" or "ncftpget" or "ncftpput"
            or "ncftp" or "db2" or "op" or "lpass" or "hydra" or "medusa" or "secretsmanager"
            or "smbpasswd" or "gpg" or "gpg2" or "gpgv" or "echo" or "printf" or "pass" or "aria2c" or "hysteria" or "trojan"
            or "jenkins-cli" or "impala-shell" or "cadaver" or "grep"
            or "wscat" or "websocat" or "minio" or "tailscale" or "kcat" or "wget" or "openconnect" or "vncviewer" or "sqlite3"
            or "sqlcipher" or "duckdb" or "cockroach" => program,
        _ => null,
    };

    /// <summary>Words that are often something else than the program of that name: they count only where a program stands.</summary>
    public static bool IsCommonWord(string program) =>
        program is "net" or "http" or "https" or "mc" or "zip" or "exp" or "imp" or "sql" or "op" or "pass" or "putty" or "trojan"
            or "plain" or "db2" or "fly" or "echo" or "printf" or "grep" or "snap"
            or "env" or "influx" or "wg" or "npm" or "pip" or "git" or "sudo" or "medusa" or "hydra" or "docker" or "podman" or "vault"
            or "consul" or "nomad" or "k3s" or "minio" or "mongo" or "redis-cli" or "wpa_passphrase" or "passwd" or "dotnet";

    /// <summary>What the argument after this option holds.</summary>
    public static Holds After(string? family, string option, List<string> operands) => (family, option) switch
    {
        ("sshpass" or "mongo" or "cqlsh" or "cypher-shell" or "beeline" or "rdesktop" or "psexec" or "evil-winrm" or "crackmapexec" or "nxc"
            or "rabbitmqadmin" or "couchbase-cli" or "cbq" or "useradd"
            or "steghide" or "mcrcon" or "hydra" or "medusa" or "ncftp" or "ncftpget" or "ncftpput" or "sipsak" or "dsmadmc" or "az"
            or "brook", "-p") => Holds.Secret,
        ("redis-cli", "-a") => Holds.Secret,
        ("ldap", "-w") => Holds.Secret,
        ("slappasswd", "-s") or ("knife", "-P") or ("signtool", "/p") or ("kadmin" or "kadmin.local", "-w" or "-pw") => Holds.Secret,
        ("vsql", "-w") or ("impala-shell", "-w") => Holds.Secret,
        ("sqlcmd" or "mosquitto" or "ipmitool" or "zip" or "microsocks", "-P") => Holds.Secret,
        ("snmp", "-A" or "-X" or "-c") => Holds.Secret,
        ("erl", "-setcookie" or "--cookie") => Holds.Secret,
        ("hysteria", "--auth") or ("openssl", "-k" or "-K" or "-macopt" or "-kek" or "-hmac") => Holds.Secret,
        ("pulumi", "--secret") => Holds.Nothing,
        ("openssl", "-pass" or "-passin" or "-passout" or "-passwd") => Holds.Nothing,
        ("shadowsocks", "-k") => Holds.Secret,
        ("ttyd", "-c" or "--credential") => Holds.Login,
        ("k3s", "-t") => Holds.Secret,
        ("gossip", "-encrypt" or "--encrypt" or "-k") => Holds.Secret,
        ("nats-server", "--auth" or "-auth") => Holds.Secret,
        ("nats-server", "--user" or "-user") => Holds.Nothing,
        ("vault", "-dev-root-token-id" or "--dev-root-token-id") => Holds.Secret,
        ("pw", "-pw") or ("gsec", "-pw" or "-password") or ("gbak" or "isql-fb", "-pas" or "-pass" or "-p") => Holds.Secret,
        ("swaks" or "sipp", "-ap") => Holds.Secret,
        ("sendemail" or "sendEmail", "-xp") => Holds.Secret,
        ("frp" or "influx", "-t") or ("gitlab-runner", "-r" or "-t") => Holds.Secret,
        ("chisel", "--auth") => Holds.Login,
        ("vnc", "-passwd") when operands.Count == 0 => Holds.Secret,
        ("caddy", "--plaintext" or "-p") => Holds.Secret,
        ("pkcs11-tool" or "softhsm2-util", "--pin" or "--so-pin" or "-p" or "--new-pin" or "--puk") => Holds.Secret,
        ("gh", "--body" or "-b") when operands is ["secret", "set", ..] => Holds.Secret,
        ("sqlcipher", "-key") => Holds.Secret,
        ("transmission", "-v") => Holds.Secret,
        ("transmission", "-n" or "--auth") => Holds.Login,
        ("curl", "-u" or "--user" or "-U" or "--proxy-user") => Holds.Login,
        ("curl", "-E" or "--cert" or "--proxy-cert") => Holds.FileLogin,
        ("curl", "-b") => Holds.Pair,
        ("curl", ['-', not '-', _, .., 'u']) => Holds.Login,
        ("etcdctl", "--user") or ("samba", "-U" or "--user") or ("httpie", "-a" or "--auth") or ("wscat", "--auth")
            or ("skopeo" or "container", "--creds" or "--src-creds" or "--dest-creds")
            or ("ncat", "--proxy-auth") or ("websocat", "--basic-auth") or ("aria2c", "-u") => Holds.Login,
        ("lftp", "-u") => Holds.CommaLogin,
        ("container" or "plain", "-u" or "--user") => Holds.Nothing,
        ("container" or "secretsmanager", "--secret") => Holds.Nothing,
        ("kubectl" or "oc", "--from-literal") => Holds.Pair,
        ("mysql" or "psql", "--password") => Holds.Nothing,
        ("encoder", "-pass" or "--pass") => Holds.Nothing,
        // docker run -p publishes a port; docker login -p takes a password.
        (_, "-p") when operands.Contains("login") => Holds.Secret,
        _ => Holds.Unknown,
    };

    /// <summary>Where the value begins that is written onto its option, as mysql's -pSECRET; 0 for nowhere.</summary>
    public static int AttachedAt(string? family, string argument) => (family, argument) switch
    {
        ("mysql", ['-', 'p', not '-', ..]) => 2,
        ("sshpass" or "archive" or "mongo", ['-', 'p', _, ..]) => 2,
        ("archive", ['-', 'h', 'p', _, ..]) => 3,
        ("curl", ['-', 'u' or 'U', _, ..]) or ("lftp", ['-', 'u', _, ..]) or ("samba", ['-', 'U', _, ..]) => 2,
        ("sqlcmd" or "zip", ['-', 'P', _, ..]) => 2,
        ("ldap", ['-', 'w', _, ..]) or ("snmp", ['-', 'c' or 'A' or 'X', _, ..]) or ("shadowsocks", ['-', 'k', _, ..]) => 2,
        ("ttyd", ['-', 'c', _, ..]) => 2,
        ("freerdp", ['/', 'p', ':', _, ..]) => 3,
        ("openssl", ['p', 'a', 's', 's', ':', _, ..]) => 5,
        ("dsmadmc", ['-', 'p', 'a', '=', _, ..]) => 4,
        ("qemu-system-x86_64", ['s', 'e', 'c', 'r', 'e', 't', ',', ..]) =>
            argument.IndexOf("data=", StringComparison.Ordinal) is var at and > 0 ? at + 5 : 0,
        _ => 0,
    };

    /// <summary>What the value of an attached option holds.</summary>
    public static Holds Attached(string? family) => family switch
    {
        "curl" or "ttyd" or "samba" => Holds.Login,
        "lftp" => Holds.CommaLogin,
        _ => Holds.Secret,
    };

    /// <summary>What an argument without an option holds, by the words that stand between it and the program.</summary>
    /// <param name="family">The program's family.</param>
    /// <param name="operands">The words so far that are no options.</param>
    /// <param name="flags">The letters of the short options so far.</param>
    /// <param name="before">The word directly before it.</param>
    public static Holds Operand(string? family, List<string> operands, string flags, string? before) =>
        family is null ? Holds.Unknown : (family, operands) switch
        {
            ("vault", [.., "login" or "unseal" or "unwrap" or "wrap"]) or ("vault", [.., "token", "lookup" or "renew" or "revoke"])
                or ("vault", [.., "rekey" or "generate-root"]) => Holds.Secret,
            ("vault", ["kv", ..]) => Holds.Pair,
            ("dotnet", [.., "user-secrets", "set", _]) or ("redis-server", [.., "auth-pass", _]) or ("samba", [['/', '/', ..]])
                or ("radtest", [_] or [_, _, _, _]) => Holds.Secret,
            ("redis-cli", [.., "AUTH" or "auth"]) or ("redis-cli", [.., "AUTH" or "auth", "default"]) => Holds.Secret,
            ("mysql", [.., "password"]) => Holds.Secret,
            ("rabbitmqctl", [.., "add_user" or "change_password" or "authenticate_user", _]) => Holds.Secret,
            ("htpasswd", [_, _]) when flags.Contains('b', StringComparison.Ordinal) && !flags.Contains('n', StringComparison.Ordinal) =>
                Holds.Secret,
            ("htpasswd", [_]) when flags.Contains('b', StringComparison.Ordinal) && flags.Contains('n', StringComparison.Ordinal) =>
                Holds.Secret,
            ("bw", ["unlock"]) or ("bw", ["login", _]) => Holds.Secret,
            ("ngrok", [.., "authtoken" or "add-authtoken"]) or ("cloudflared", [.., "service", "install"]) or ("snyk", ["auth"])
                or ("nuget", ["setapikey" or "setApiKey"]) => Holds.Secret,
            ("mc" or "mcli", ["alias", "set", _, _, _]) or ("mc" or "mcli", ["config", "host", "add", _, _, _]) => Holds.Secret,
            ("fly" or "flyctl" or "doppler", ["secrets", "set", ..]) => Holds.Pair,
            ("wpa_passphrase", [_]) or ("openssl", ["passwd"]) or ("neo4j-admin", [.., "set-initial-password"])
                or ("zkCli.sh", [.., "addauth", _]) => Holds.Secret,
            ("oracle", []) => Holds.SlashLogin,
            ("oracle", [.., "target" or "connect"]) => Holds.SlashLogin,
            ("microk8s", ["join"] or []) => Holds.SlashLogin,
            ("poetry" or "composer", [.., "config", var name, _]) when name.StartsWith("http-basic", StringComparison.Ordinal) =>
                Holds.Secret,
            ("poetry" or "composer", [.., "config", var name])
                when name.StartsWith("pypi-token", StringComparison.Ordinal) || name.Contains("-oauth", StringComparison.Ordinal)
                || name.Contains("-token", StringComparison.Ordinal) || name.StartsWith("bearer", StringComparison.Ordinal) => Holds.Secret,
            ("db2", [.., "using"]) or ("net" or "samba", ["use", _]) => Holds.Secret,
            // The name stands as a word, and its value after it.
            ("aws" or "hostapd_cli" or "wpa_cli" or "pulumi" or "git" or "npm" or "pip" or "pip3" or "gcloud" or "nmcli" or "iwctl"
                or "rclone"
                or "pppd" or "pdftk" or "snap" or "redis-cli" or "db2" or "minio" or "ipmitool" or "kadmin" or "kadmin.local",
                [.., var name]) when name == before && (SecretNames.KindOf(name) is SecretKind.Secret or SecretKind.SecretKey
                    || name is "user_pw" or "owner_pw") => Holds.Secret,
            _ => Holds.Unknown,
        };

    /// <summary>A word that says that the program reads a secret from its input.</summary>
    public static bool ReadsSecret(ReadOnlySpan<char> word) => word is "chpasswd" or "smbpasswd" or "passwd" or "cryptsetup"
        or "--password-stdin" or "--with-token" or "--stdin" or "-S" or "--passphrase-fd"
        or "--token-stdin" or "vncpasswd" or "openconnect" or "--passwd-on-stdin" or "htpasswd" or "pdbedit" or "kinit" or "wpa_passphrase"
        or "ldap_bind";
}
