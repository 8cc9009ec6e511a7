namespace Bindwise.Model.Tests.Secrets;

/// <summary>Command lines whose program tells what is secret. Written as in <see cref="SecretCommandLines"/>.</summary>
internal static class SecretCommandLinesOfPrograms
{
    public static IEnumerable<string> All => (Programs + Scripts).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What the program's habit tells.</summary>
    private const string Programs = """
        curl|--user|joe:«hunter2»|http://h/
        curl|--proxy-user|joe:«hunter2»|http://h/
        curl|-sSu|joe:«hunter2»|http://h/
        curl|--cert|client.pem:«hunter2»|https://h/
        mysqladmin|-u|root|password|«hunter2»
        mysqldump|-p«hunter2»|shop
        mariadb|-u|root|-p«hunter2»
        mycli|-u|root|-p«hunter2»
        mongodump|--host|h|-u|joe|-p|«hunter2»
        redis-cli|-h|r|-a|«hunter2»|ping
        redis-cli|-h|r|AUTH|«hunter2»
        redis-cli|config|set|requirepass|«hunter2»
        redis-benchmark|-a|«hunter2»|-n|10
        sshpass|-p«hunter2»|ssh|joe@h
        sshpass|-p|«hunter2»|scp|-P|2222|a|joe@h:/
        ssh|-o|ProxyCommand=sshpass -p «hunter2» ssh -W %h:%p joe@jump|h
        ssh|-oProxyCommand=sshpass -p «hunter2» ssh -W %h:%p joe@jump|h
        openssl|enc|-aes-256-cbc|-pass|pass:«hunter2»|-in|f
        openssl|rsa|-in|k.pem|-passin|pass:«hunter2»
        openssl|pkcs12|-export|-passout|pass:«hunter2»|-out|x.p12
        openssl|enc|-k|«hunter2»|-in|f
        openssl|enc|-aes-128-cbc|-K|«00112233445566778899aabbccddeeff»|-iv|0011
        openssl|passwd|-6|«hunter2»
        ttyd|-c|joe:«hunter2»|-p|7681|bash
        ttyd|--credential|joe:«hunter2»|bash
        ttyd|-cjoe:«hunter2»|bash
        gotty|-c|joe:«hunter2»|top
        gotty|--credential=joe:«hunter2»|top
        nats-server|--user|joe|--pass|«hunter2»|-p|4222
        nats-server|--auth|«s3cr3t»
        nats|--user|joe|--password|«hunter2»|sub|x
        nats|pub|--creds|-----BEGIN NATS USER JWT-----«⏎eyJ0eXAi⏎------END NATS USER JWT-----»|x
        nats|--nkey|«SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY»|sub|x
        consul|agent|-encrypt|«pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=»
        consul|agent|-encrypt=«pUqJrVyVRj5jsiYEkM/tFQYfWyJIv4s3XkvDwy7Cu5s=»
        nomad|agent|-encrypt=«abc»
        ss-server|-s|0.0.0.0|-p|8388|-k|«hunter2»|-m|aes-256-gcm
        ss-local|-k«hunter2»|-l|1080
        ssserver|-k|«hunter2»|-s|[::]:8388
        sslocal|--password|«hunter2»
        vault|login|«s.abcdef»
        vault|operator|unseal|«abc+def=»
        vault|kv|put|secret/x|anything=«hunter2»
        vault|write|auth/userpass/login/joe|password=«hunter2»
        vault|token|lookup|«hunter2»
        bao|login|«hunter2»
        bw|unlock|«hunter2»
        bw|login|joe@h|«hunter2»
        htpasswd|-b|/etc/nginx/h|joe|«hunter2»
        htpasswd|-nb|joe|«hunter2»
        rabbitmqctl|add_user|joe|«hunter2»
        rabbitmqctl|-n|rabbit@h|change_password|joe|«hunter2»
        rabbitmqadmin|-u|joe|-p|«hunter2»|list|queues
        ngrok|authtoken|«2abcDEF»
        ngrok|config|add-authtoken|«2abcDEF»
        ngrok|http|--basic-auth|joe:«hunter2»|8080
        cloudflared|service|install|«eyJhIjoi»
        snyk|auth|«00000000-1111-2222-3333-444444444444»
        mc|alias|set|m|http://h:9000|joe|«hunter2»
        wpa_passphrase|net|«hunter2x»
        nmcli|dev|wifi|connect|net|password|«hunter2x»
        nmcli|con|modify|net|802-11-wireless-security.psk|«hunter2x»
        aws|configure|set|aws_secret_access_key|«abc/def»
        npm|config|set|//registry.example/:_authToken|«abc»
        npm|publish|--//registry.example/:_authToken=«abc»
        poetry|config|pypi-token.pypi|«abc»
        composer|config|github-oauth.github.com|«abc»
        composer|config|http-basic.repo.example|joe|«abc»
        sqlplus|joe/«hunter2»@db
        sqlplus|-S|joe/«hunter2»@//db:1521/x
        expdp|joe/«hunter2»|full=y
        sqlcmd|-S|db|-U|sa|-P|«hunter2»
        sqlcmd|-P«hunter2»|-S|db
        bcp|t|out|f|-U|sa|-P|«hunter2»
        ldappasswd|-D|cn=x|-w|«hunter2»|cn=y
        slappasswd|-s|«hunter2»
        kadmin|-w|«hunter2»|-p|joe/admin
        smbclient|-U|CORP/joe%«hunter2»|//h/s
        net|ads|join|-U|joe%«hunter2»
        rpcclient|-U|joe%«hunter2»|h
        xfreerdp|/u:joe|/p:«hunter2»|/v:h
        rdesktop|-u|joe|-p|«hunter2»|h
        plink|-ssh|joe@h|-pw|«hunter2»
        pscp|-pw|«hunter2»|a|joe@h:/
        ipmitool|-H|h|-U|joe|-P|«hunter2»|power|status
        snmpwalk|-v2c|-c|«s3cret»|h
        snmpget|-v3|-u|joe|-A|«authpass1»|-X|«privpass1»|h|1.3
        mosquitto_pub|-u|joe|-P|«hunter2»|-t|x
        unzip|-P|«hunter2»|a.zip
        zip|-P|«hunter2»|a.zip|f
        7z|a|-p«hunter2»|a.7z|f
        rar|a|-hp«hunter2»|a.rar|f
        lftp|-u|joe,«hunter2»|ftp://h
        frpc|-t|«hunter2»|-s|h:7000
        chisel|server|--auth|joe:«hunter2»|--port|8080
        microsocks|-u|joe|-P|«hunter2»|-p|1080
        cqlsh|-u|joe|-p|«hunter2»|h
        cypher-shell|-u|neo4j|-p|«hunter2»
        neo4j-admin|dbms|set-initial-password|«hunter2»
        nodetool|-u|joe|-pw|«hunter2»|status
        etcdctl|--user|root:«hunter2»|get|x
        skopeo|copy|--src-creds|joe:«hunter2»|a|b
        skopeo|inspect|--creds=joe:«hunter2»|docker://h/i
        podman|login|-u|joe|-p|«hunter2»|h
        helm|registry|login|h|-u|joe|-p|«hunter2»
        az|login|-u|joe|-p|«hunter2»
        useradd|-p|«$6$salt$abcdefghijklmnopqrstuvwx»|joe
        usermod|-p|«hunter2»|joe
        x11vnc|-passwd|«hunter2»|-rfbport|5900
        caddy|hash-password|--plaintext|«hunter2»
        transmission-remote|h:9091|-n|joe:«hunter2»|-l
        http|-a|joe:«hunter2»|h/
        erl|-name|shop@h|-setcookie|«chocolate»
        jenkins-cli|-auth|joe:«hunter2»
        microk8s|join|10.0.0.1:25000/«92b2db237428470dc4fcfc4ebbd9dc81/2c0cb3284b05»
        pkcs11-tool|--login|--pin|«123456»
        fly|secrets|set|ANY=«hunter2»
        gh|secret|set|NAME|--body|«hunter2»
        vncviewer|-passwd-text|«x»|--password=«hunter2»
        docker|exec|db|mysql|-uroot|-p«hunter2»
        kubectl|exec|db-0|--|redis-cli|-a|«hunter2»|ping
        sudo|-u|postgres|env|PGPASSWORD=«hunter2»|psql
        nohup|ttyd|-c|joe:«hunter2»|bash
        timeout|5|curl|-u|joe:«hunter2»|http://h/

        """;

    /// <summary>A command line in one argument.</summary>
    private const string Scripts = """
        sh|-c|sshpass -p «hunter2» ssh -p 2222 joe@h
        sh|-c|sshpass -p '«hunter 2»' ssh joe@h
        bash|-c|export DB_PASSWORD=«hunter2»; exec app
        bash|-c|export DB_PASSWORD="«hunter 2»" && app
        sh|-c|curl -u joe:«hunter2» http://h/ ¦ jq .
        sh|-c|curl -s -H 'Authorization: Bearer «abc»' http://h/
        sh|-c|redis-cli -a «hunter2» ping && sleep 1
        sh|-c|echo «hunter2» ¦ sudo -S id
        sh|-c|echo joe:«hunter2» ¦ chpasswd
        sh|-c|echo '«hunter2»' ¦ docker login -u joe --password-stdin h
        sh|-c|mysql -uroot -p'«hunter2»' shop < dump.sql
        sh|-c|ttyd -c joe:«hunter2» bash
        sh|-c|vault login «s.abcdef»
        sh|-c|openssl enc -pass pass:«hunter2» -in f
        sh|-c|java -Dtoken=«abc» -jar x.jar
        sh|-c|app --password="«hunter 2»" --port=8080
        sh|-c|psql "postgres://joe:«hunter2»@db/shop" -c 'select 1'
        sh|-c|curl -d '{"password":"«hunter2»"}' http://h/
        ssh|joe@h|mysql -p«secret»
        su|joe|-c|app --token «hunter2»
        tmux|new-session|-d|redis-server --requirepass «hunter2»
        xterm|-e|sshpass -p «hunter2» ssh h
        watch|curl -u joe:«hunter2» http://h/
        nginx: helper --token «abc» --port 80
        bash|-lc|cd /srv⏎TOKEN=«abc» npm start

        """;
}
