UPDATE administratie SET verwerkt_tot = pg_temp.vandaag(),
    bijgewerkt_op = (pg_temp.vandaag() + time '22:00') AT TIME ZONE 'Europe/Amsterdam';
